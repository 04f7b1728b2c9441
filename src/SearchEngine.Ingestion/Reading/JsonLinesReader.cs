using System.Text;
using System.Text.Json;

namespace SearchEngine.Ingestion;

/// <summary>
/// Reads JSON lines: one record a line, each a document, its text every string it holds. A line that cannot be read, or has no text, is
/// reported with its number and passed over. Files of any size are read as a stream.
/// </summary>
public sealed class JsonLinesReader : IDocumentReader
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private readonly JsonLinesOptions _options;

    /// <summary>Makes a reader.</summary>
    public JsonLinesReader(JsonLinesOptions? options = null) => _options = options ?? new JsonLinesOptions();

    /// <inheritdoc />
    public string Name =>
        $"jsonl({string.Join(',', _options.IdFields)};{string.Join(',', _options.TitleFields)};{string.Join(',', _options.TextFields)})";

    /// <inheritdoc />
    public int Version => 3;

    /// <inheritdoc />
    public IReadOnlyCollection<string> Extensions { get; } = [".jsonl", ".ndjson", ".jsonlines"];

    /// <inheritdoc />
    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        using var reader = StreamedText.Open(file);
        var records = new JsonText(_options);
        var number = 0;
        var bad = 0;
        var good = 0;
        while (reader.ReadLine() is { } line)
        {
            cancellationToken.ThrowIfCancellationRequested();
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            if (Parse(records, line, number, out var problem) is { } document)
            {
                good++;
                yield return document;
                continue;
            }

            bad++;
            if (good == 0 && bad == _options.MaxLeadingBadLines)
            {
                throw new SourceFormatException($"None of the first {bad} lines is a JSON record with text; line {number}: {problem}");
            }

            warn(problem!, number);
        }

        if (good == 0 && bad > 0)
        {
            throw new SourceFormatException($"None of its {bad} lines is a JSON record with text.");
        }
    }

    private static SourceDocument? Parse(JsonText records, string line, int number, out string? problem)
    {
        problem = null;
        try
        {
            using var json = JsonDocument.Parse(line, Lenient);
            var document = records.Read(json.RootElement, number.ToString(System.Globalization.CultureInfo.InvariantCulture));
            if (document is null)
            {
                problem =
                    "It has no text: none of the fields " + string.Join(", ", records.TextFields) + " holds any, and no other field does.";
                return null;
            }

            return document with
            {
                Sections = [.. document.Sections.Select(s => s with { Lines = [new LineAnchor(0, number)] })],
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            problem = $"Not a JSON record: {Short(e.Message)}";
            return null;
        }
    }

    private static string Short(string message) => message.Length <= 160 ? message : message[..160] + "…";
}
