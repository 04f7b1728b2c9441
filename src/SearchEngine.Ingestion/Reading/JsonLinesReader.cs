using System.Text.Json;

namespace SearchEngine.Ingestion;

/// <summary>
/// Reads JSON lines: one object a line, each a document. A line that cannot be read is reported with its number and passed over.
/// Files of any size are read as a stream.
/// </summary>
public sealed class JsonLinesReader : IDocumentReader
{
    private readonly JsonLinesOptions _options;

    /// <summary>Makes a reader.</summary>
    public JsonLinesReader(JsonLinesOptions? options = null) => _options = options ?? new JsonLinesOptions();

    /// <inheritdoc />
    public string Name => $"jsonl({string.Join(',', _options.IdFields)};{string.Join(',', _options.TitleFields)};{string.Join(',', _options.TextFields)})";

    /// <inheritdoc />
    public int Version => 1;

    /// <inheritdoc />
    public IReadOnlyCollection<string> Extensions { get; } = [".jsonl", ".ndjson"];

    /// <inheritdoc />
    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        using FileStream stream = file.OpenRead();
        using var reader = new StreamReader(stream, detectEncodingFromByteOrderMarks: true);
        int number = 0;
        int bad = 0;
        int good = 0;
        while (reader.ReadLine() is { } line)
        {
            cancellationToken.ThrowIfCancellationRequested();
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            SourceDocument? document = null;
            string? problem = null;
            try
            {
                document = Parse(line, number, out problem);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                problem = $"Not a JSON object: {Short(e.Message)}";
            }
            if (document is not null)
            {
                good++;
                yield return document;
            }
            else
            {
                bad++;
                if (good == 0 && bad == _options.MaxLeadingBadLines)
                    throw new SourceFormatException($"None of the first {bad} lines is a JSON object with text; line {number}: {problem}");
                warn(problem!, number);
            }
        }
        if (good == 0 && bad > 0)
            throw new SourceFormatException($"None of its {bad} lines is a JSON object with text.");
    }

    private SourceDocument? Parse(string line, int number, out string? problem)
    {
        problem = null;
        using JsonDocument json = JsonDocument.Parse(line);
        if (json.RootElement.ValueKind != JsonValueKind.Object)
        {
            problem = $"Not a JSON object but {json.RootElement.ValueKind}.";
            return null;
        }
        string title = Find(json.RootElement, _options.TitleFields) ?? "";
        string text = Find(json.RootElement, _options.TextFields) ?? "";
        if (string.IsNullOrWhiteSpace(text))
            text = title;
        if (string.IsNullOrWhiteSpace(text))
        {
            problem = $"It has no text: none of the fields {string.Join(", ", _options.TextFields)} holds any.";
            return null;
        }
        string id = Find(json.RootElement, _options.IdFields) is { Length: > 0 } own ? own : number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new SourceDocument
        {
            Id = id,
            Title = string.IsNullOrWhiteSpace(title) ? id : HeadingTrail.OneLine(title),
            Sections = [new SourceSection([], null, text.Replace("\r\n", "\n", StringComparison.Ordinal))],
        };
    }

    private static string? Find(JsonElement json, IReadOnlyList<string> names)
    {
        foreach (string name in names)
        {
            if (!json.TryGetProperty(name, out JsonElement value))
                continue;
            switch (value.ValueKind)
            {
                case JsonValueKind.String:
                    return value.GetString();
                case JsonValueKind.Number:
                    return value.GetRawText();
                case JsonValueKind.Array:
                    return string.Join("\n\n", value.EnumerateArray().Where(e => e.ValueKind == JsonValueKind.String).Select(e => e.GetString()));
            }
        }
        return null;
    }

    private static string Short(string message) => message.Length <= 160 ? message : message[..160] + "…";
}
