using System.Globalization;
using System.Text.Json;

namespace SearchEngine.Ingestion;

/// <summary>Reads JSON: an array of objects as a document for each, anything else as one document.</summary>
internal sealed class JsonReader : IDocumentReader
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public string Name => "json";

    public int Version => 1;

    public IReadOnlyCollection<string> Extensions { get; } = [".json", ".json5", ".jsonc", ".geojson", ".webmanifest"];

    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        var text = TextDecoder.Decode(file.ReadAllBytes(), file.Encoding);
        if (string.IsNullOrWhiteSpace(text))
        {
            yield break;
        }

        using var json = Parse(text);
        var records = new JsonText(new JsonLinesOptions());
        var root = json.RootElement;
        if (root.ValueKind != JsonValueKind.Array || root.EnumerateArray().Any(e => e.ValueKind != JsonValueKind.Object))
        {
            if (records.Read(root, null, withNumbers: true) is { } whole)
            {
                yield return whole with
                {
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

    private static JsonDocument Parse(string text)
    {
        try
        {
            return JsonDocument.Parse(text, Lenient);
        }
        catch (JsonException e)
        {
            throw new SourceFormatException($"It is no JSON: {e.Message}", e);
        }
    }
}
