using System.Text;
using System.Text.Json;

namespace SearchEngine.Ingestion;

/// <summary>Reads Jupyter notebooks: cells of Markdown as Markdown, code and the text of its outputs as code.</summary>
internal sealed class NotebookReader : IDocumentReader
{
    public string Name => "notebook";

    public int Version => 3;

    public IReadOnlyCollection<string> Extensions { get; } = [".ipynb"];

    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        string markdown;
        try
        {
            using var json = JsonDocument.Parse(TextDecoder.Decode(file.ReadAllBytes(), file.Encoding));
            markdown = ToMarkdown(json.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new SourceFormatException($"It is no notebook: {e.Message}", e);
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (MarkdownReader.Parse(markdown, file.Name, warn) is { } document)
        {
            yield return document;
        }
    }

    private static string ToMarkdown(JsonElement notebook)
    {
        var text = new StringBuilder();
        if (!notebook.TryGetProperty("cells", out var cells) || cells.ValueKind != JsonValueKind.Array)
        {
            throw new InvalidOperationException("it has no cells");
        }

        foreach (var cell in cells.EnumerateArray())
        {
            var source = cell.TryGetProperty("source", out var lines) ? Joined(lines) : "";
            var kind = cell.TryGetProperty("cell_type", out var type) ? type.GetString() : null;
            if (kind == "markdown")
            {
                text.Append(source).Append("\n\n");
                continue;
            }

            Code(text, source);
            if (cell.TryGetProperty("outputs", out var outputs) && outputs.ValueKind == JsonValueKind.Array)
            {
                foreach (var output in outputs.EnumerateArray())
                {
                    Output(text, output);
                }
            }
        }

        return text.ToString();
    }

    /// <summary>The richest form of an output that is text: what is shown as Markdown or HTML has only a name as plain text.</summary>
    private static void Output(StringBuilder text, JsonElement output)
    {
        if (output.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object)
        {
            if (data.TryGetProperty("text/markdown", out var markdown))
            {
                text.Append(Joined(markdown)).Append("\n\n");
                return;
            }

            var html =
                data.TryGetProperty("text/html", out var page) ? HtmlReader.PlainText(Joined(page))
                : data.TryGetProperty("image/svg+xml", out var drawing) ? HtmlReader.PlainText(Joined(drawing))
                : "";
            var plain =
                data.TryGetProperty("text/plain", out var lines) ? Joined(lines)
                : data.TryGetProperty("text/latex", out var latex) ? Joined(latex)
                : "";
            Code(text, plain.Length >= html.Length ? plain : html);
            return;
        }

        Code(text, output.TryGetProperty("text", out var stream) ? Joined(stream) : ErrorOf(output));
    }

    /// <summary>What kind of error it was, what it says, and where it came from.</summary>
    private static string ErrorOf(JsonElement output)
    {
        string Of(string name) => output.TryGetProperty(name, out var value) ? Joined(value, "\n") : "";
        var name = Of("ename");
        return string.Join('\n', new[] { name.Length == 0 ? Of("evalue") : $"{name}: {Of("evalue")}", Of("traceback") }).Trim();
    }

    private static void Code(StringBuilder text, string code)
    {
        if (!string.IsNullOrWhiteSpace(code))
        {
            // A fence longer than any in the code.
            text.Append("``````````\n").Append(code.TrimEnd('\n')).Append("\n``````````\n\n");
        }
    }

    private static string Joined(JsonElement lines, string between = "") =>
        lines.ValueKind == JsonValueKind.Array
            ? string.Join(between, lines.EnumerateArray().Where(l => l.ValueKind == JsonValueKind.String).Select(l => l.GetString()))
        : lines.ValueKind == JsonValueKind.String ? lines.GetString() ?? ""
        : "";
}
