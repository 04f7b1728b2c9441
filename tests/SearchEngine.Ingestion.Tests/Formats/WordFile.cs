using System.Text;

namespace SearchEngine.Ingestion.Tests.Formats;

/// <summary>Word documents of XML written by hand.</summary>
internal static class WordFile
{
    private const string Namespaces =
        "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" "
        + "xmlns:m=\"http://schemas.openxmlformats.org/officeDocument/2006/math\" xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\" "
        + "xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" xmlns:v=\"urn:schemas-microsoft-com:vml\"";

    private const string Relationships = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";

    /// <summary>A paragraph of one run.</summary>
    internal static string Paragraph(string text) => $"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>";

    /// <summary>The document.</summary>
    /// <param name="body">What its body holds.</param>
    /// <param name="parts">
    /// Parts with the kind of their relationship; those in XML (footnotes, comments, header, footer …) without their root element, others as
    /// they are.
    /// </param>
    internal static byte[] Of(string body, params (string Kind, string Name, byte[] Content)[] parts)
    {
        var types = new StringBuilder();
        var related = new StringBuilder();
        var entries = new List<(string, byte[])>();
        foreach (var (kind, name, content) in parts)
        {
            var isXml = name.EndsWith(".xml", StringComparison.Ordinal);
            types.Append(
                isXml
                    ? $"<Override PartName=\"/word/{name}\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.{kind}+xml\"/>"
                    : $"<Override PartName=\"/word/{name}\" ContentType=\"{TypeOf(name)}\"/>"
            );
            related.Append($"<Relationship Id=\"p{entries.Count}\" Type=\"{Relationships}{kind}\" Target=\"{name}\"/>");
            var root = kind is "header" or "footer" ? kind[..1] + (kind == "header" ? "dr" : "tr") : kind;
            entries.Add(("word/" + name, isXml ? Utf8($"<w:{root} {Namespaces}>{Encoding.UTF8.GetString(content)}</w:{root}>") : content));
        }

        return SampleFiles.Zip([
            (
                "[Content_Types].xml",
                Utf8(
                    "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
                        + $"<Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/>{types}</Types>"
                )
            ),
            (
                "_rels/.rels",
                Utf8(Related($"<Relationship Id=\"r1\" Type=\"{Relationships}officeDocument\" Target=\"word/document.xml\"/>"))
            ),
            ("word/_rels/document.xml.rels", Utf8(Related(related.ToString()))),
            ("word/document.xml", Utf8($"<w:document {Namespaces}><w:body>{body}</w:body></w:document>")),
            .. entries,
        ]);
    }

    private static string TypeOf(string name) =>
        Path.GetExtension(name) switch
        {
            ".html" => "text/html",
            ".rtf" => "application/rtf",
            ".docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            ".xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            _ => "text/plain",
        };

    private static string Related(string relationships) =>
        $"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{relationships}</Relationships>";

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
