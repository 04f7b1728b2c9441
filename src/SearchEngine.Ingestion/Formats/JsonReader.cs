using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SearchEngine.Ingestion;

/// <summary>
/// Reads JSON: an array of objects as a document for each, anything else as one document, with its comments where it has any. A file of one
/// value a line is read as JSON lines, and JSON5 that is no JSON as the text it is.
/// </summary>
internal sealed class JsonReader : IDocumentReader
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public string Name => "json";

    public int Version => 2;

    public IReadOnlyCollection<string> Extensions { get; } = [".json", ".json5", ".jsonc", ".geojson", ".webmanifest"];

    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        var text = TextDecoder.Decode(file.ReadAllBytes(), file.Encoding);
        if (string.IsNullOrWhiteSpace(text))
        {
            yield break;
        }

        using var json = TryParse(text, out var problem);
        if (json is null)
        {
            var other = OtherReader(text, file) ?? throw new SourceFormatException($"It is no JSON: {problem!.Message}", problem);
            foreach (var document in other.Read(file, warn, cancellationToken))
            {
                yield return document;
            }

            yield break;
        }

        var records = new JsonText(new JsonLinesOptions());
        var root = json.RootElement;
        if (root.ValueKind != JsonValueKind.Array || root.EnumerateArray().Any(e => e.ValueKind != JsonValueKind.Object))
        {
            var comments = Comments(text);
            if (records.Read(root, null, withNumbers: true) is { } whole)
            {
                yield return whole with
                {
                    Sections = comments.Length == 0 ? whole.Sections : [.. whole.Sections, new SourceSection([], null, comments)],
                    Id = null,
                    Title = whole.Title.Length == 0 || whole.Title == whole.Id ? file.Name : whole.Title,
                };
            }

            yield break;
        }

        var number = 0;
        foreach (var element in root.EnumerateArray())
        {
            cancellationToken.ThrowIfCancellationRequested();
            number++;
            if (records.Read(element, number.ToString(CultureInfo.InvariantCulture)) is { } record)
            {
                yield return record;
            }
            else
            {
                warn($"Record {number} has no text.", null);
            }
        }
    }

    /// <summary>The reader of a file that is no JSON but something like it; null where it is nothing of the kind.</summary>
    private static IDocumentReader? OtherReader(string text, SourceFile file)
    {
        var lines = text.AsSpan().Trim();
        var first = lines.IndexOf('\n');
        if (first > 0 && lines[0] is '{' or '[')
        {
            using var record = TryParse(lines[..first].ToString(), out _);
            if (record is not null)
            {
                return new JsonLinesReader();
            }
        }

        return Path.GetExtension(file.FullPath).Equals(".json5", StringComparison.OrdinalIgnoreCase) ? new PlainTextReader() : null;
    }

    /// <summary>What is said beside the values, a line for each.</summary>
    private static string Comments(string text)
    {
        if (!text.Contains("//", StringComparison.Ordinal) && !text.Contains("/*", StringComparison.Ordinal))
        {
            return "";
        }

        var comments = new StringBuilder();
        var reader = new Utf8JsonReader(
            Encoding.UTF8.GetBytes(text),
            new JsonReaderOptions { CommentHandling = JsonCommentHandling.Allow, AllowTrailingCommas = true }
        );
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.Comment)
            {
                comments.Append(reader.GetComment().Trim()).Append('\n');
            }
        }

        return comments.ToString().Trim();
    }

    private static JsonDocument? TryParse(string text, out JsonException? problem)
    {
        problem = null;
        try
        {
            return JsonDocument.Parse(text, Lenient);
        }
        catch (JsonException e)
        {
            problem = e;
            return null;
        }
    }
}
