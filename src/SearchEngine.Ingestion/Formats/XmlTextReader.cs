using System.Text;
using System.Text.RegularExpressions;
using System.Xml;

namespace SearchEngine.Ingestion;

/// <summary>
/// Reads XML (DocBook, feeds, SVG and others) as the text in its elements; elements named "title" or "h1" to "h6" are headings.
/// Attributes that are text for people ("text" of an outline, "label", whole sentences) stand before what their element holds.
/// </summary>
internal sealed partial class XmlTextReader : IDocumentReader
{
    /// <summary>Elements inside a paragraph: their text goes on the same line.</summary>
    private static readonly HashSet<string> Inline = new(StringComparer.OrdinalIgnoreCase)
    {
        "b",
        "i",
        "em",
        "strong",
        "emphasis",
        "a",
        "link",
        "xref",
        "ulink",
        "code",
        "literal",
        "span",
        "sub",
        "sup",
        "tt",
        "tspan",
        "term",
        "function",
        "filename",
        "command",
        "option",
        "parameter",
        "varname",
        "type",
        "replaceable",
        "userinput",
        "acronym",
        "quote",
        "italic",
        "bold",
    };

    /// <summary>Attributes that hold text for people; of others, only values of several words are.</summary>
    private static readonly HashSet<string> Texts = new(StringComparer.OrdinalIgnoreCase)
    {
        "text",
        "title",
        "label",
        "alt",
        "summary",
        "caption",
        "description",
        "desc",
    };

    public string Name => "xml";

    public int Version => 3;

    public IReadOnlyCollection<string> Extensions { get; } =
    [".xml", ".xsd", ".svg", ".rss", ".atom", ".docbook", ".dbk", ".dita", ".tei", ".opml"];

    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        var bytes = file.ReadAllBytes();
        var text = TextDecoder.Decode(bytes, file.Encoding, DeclaredEncoding.InText(bytes));
        SourceDocument? document;
        try
        {
            document = Parse(text, file.Name, cancellationToken);
        }
        catch (XmlException e)
        {
            // What a parser refuses, a browser still reads.
            warn($"It is no valid XML ({e.Message}); it was read as a browser would.", e.LineNumber);
            document = HtmlReader.Parse(text, file.Name);
        }

        if (document is not null)
        {
            yield return document;
        }
    }

    private static bool IsText(string name, string value) =>
        (Texts.Contains(name) && value.Any(char.IsLetter)) || SeveralWords().IsMatch(value);

    private static SourceDocument? Parse(string xml, string fallbackTitle, CancellationToken cancellationToken)
    {
        var trail = new HeadingTrail();
        var text = new StringBuilder();
        using var reader = OfficeXml.OpenText(xml);
        var count = 0;
        var isHeading = false;
        int? line = null;
        while (OfficeXml.Next(reader, ref count, cancellationToken))
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace:
                    line ??= string.IsNullOrWhiteSpace(reader.Value) ? null : (reader as IXmlLineInfo)?.LineNumber;
                    // Feeds carry HTML as text, in CDATA or escaped.
                    text.Append(reader.Value.Contains("</", StringComparison.Ordinal) ? HtmlReader.PlainText(reader.Value) : reader.Value);
                    break;
                case XmlNodeType.Element or XmlNodeType.EndElement when !Inline.Contains(reader.LocalName):
                    Flush();
                    isHeading =
                        reader.NodeType == XmlNodeType.Element
                        && reader.LocalName is "title" or "h1" or "h2" or "h3" or "h4" or "h5" or "h6";
                    break;
            }

            if (reader.NodeType == XmlNodeType.Element)
            {
                Attributes();
            }
        }

        Flush();
        return trail.Finish(null, fallbackTitle);

        void Attributes()
        {
            for (var more = reader.MoveToFirstAttribute(); more; more = reader.MoveToNextAttribute())
            {
                if (IsText(reader.LocalName, reader.Value) && reader.Prefix != "xmlns")
                {
                    trail.Block(HeadingTrail.OneLine(reader.Value), (reader as IXmlLineInfo)?.LineNumber);
                }
            }

            reader.MoveToElement();
        }

        void Flush()
        {
            if (isHeading)
            {
                trail.Heading(Math.Clamp(reader.Depth, 1, 9), text.ToString(), line);
            }
            else
            {
                trail.Block(HeadingTrail.OneLine(text.ToString()), line);
            }

            text.Clear();
            line = null;
        }
    }

    /// <summary>Three words and nothing but words: no paths, numbers, styles or commands.</summary>
    [GeneratedRegex(@"^\s*(\p{L}[\p{L}\p{M}'’-]*[,.!?]?\s+){2,}\p{L}[\p{L}\p{M}'’-]*[.!?]?\s*$", RegexOptions.NonBacktracking)]
    private static partial Regex SeveralWords();
}
