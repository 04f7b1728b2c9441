using System.Runtime.CompilerServices;
using System.Text.Json;

namespace SearchEngine.Migration;

/// <summary>The JSON values of a file, one after the other: whole documents, JSON lines, or the elements of one array, streamed.</summary>
internal static class JsonStream
{
    private static readonly JsonSerializerOptions Options = new() { MaxDepth = 128 };

    public static async IAsyncEnumerable<JsonElement> ReadAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: true);
        var isArray = await FirstCharacterAsync(file, cancellationToken).ConfigureAwait(false) == '[';
        var elements = JsonSerializer
            .DeserializeAsyncEnumerable<JsonElement>(file, topLevelValues: !isArray, Options, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        await using (elements.ConfigureAwait(false))
        {
            for (var count = 0L; await NextAsync(elements, path, count).ConfigureAwait(false); count++)
                yield return elements.Current;
        }
    }

    /// <summary>The first character that is no white space; '\0' in an empty file. The stream then stands at the start, behind a
    /// mark.</summary>
    private static async Task<char> FirstCharacterAsync(FileStream file, CancellationToken cancellationToken)
    {
        var head = new byte[256];
        var length = await file.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        var start = head.AsSpan(0, length).StartsWith("\uFEFF"u8) ? 3 : 0;
        file.Position = start;
        foreach (var value in head.AsSpan(start, length - start))
        {
            if (value > ' ')
                return (char)value;
        }

        return '\0';
    }

    private static async Task<bool> NextAsync(IAsyncEnumerator<JsonElement> elements, string path, long read)
    {
        try
        {
            return await elements.MoveNextAsync().ConfigureAwait(false);
        }
        catch (JsonException e)
        {
            throw new MigrationException($"{Path.GetFileName(path)} is no sound JSON after {read} values: {e.Message}", e);
        }
    }
}
