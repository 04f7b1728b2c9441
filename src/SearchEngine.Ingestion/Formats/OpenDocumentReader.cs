using System.IO.Compression;
using System.Text;
using System.Xml;

namespace SearchEngine.Ingestion;

/// <summary>
/// Reads OpenDocument texts, sheets and presentations: headings, paragraphs, tables, notes and comments, headers and footers.
/// </summary>
internal sealed class OpenDocumentReader : IDocumentReader
{
    public string Name => "opendocument";

    public int Version => 1;

    public IReadOnlyCollection<string> Extensions { get; } = [".odt", ".ott", ".ods", ".odp", ".fodt"];

    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        var document = OfficePackage.Read(
            file,
            "an OpenDocument file",
            ".odt",
            stream =>
            {
                var trail = new HeadingTrail();
                if (Path.GetExtension(file.FullPath).Equals(".fodt", StringComparison.OrdinalIgnoreCase))
                {
                    Body(stream, trail, cancellationToken);
                    return trail.Finish(null, file.Name);
                }

                using var zip = new ZipArchive(stream, ZipArchiveMode.Read);
                var content = zip.GetEntry("content.xml") ?? throw new InvalidDataException("It has no content.xml.");
                Body(content.Open(), trail, cancellationToken);
                if (zip.GetEntry("styles.xml") is { } styles)
                {
                    trail.LeaveHeadings();
                    Body(styles.Open(), trail, cancellationToken);
                }

                return trail.Finish(zip.GetEntry("meta.xml") is { } meta ? TitleOf(meta.Open(), cancellationToken) : null, file.Name);
            }
        );
        if (document is not null)
        {
            yield return document;
        }
    }

    private static string? TitleOf(Stream stream, CancellationToken cancellationToken)
    {
        using var reader = OfficeXml.Open(stream);
        var count = 0;
        while (OfficeXml.Next(reader, ref count, cancellationToken))
        {
            if (reader.NodeType == XmlNodeType.Element && reader.LocalName == "title" && !reader.IsEmptyElement)
            {
                return TitleRules.CleanProperty(reader.ReadString());
            }
        }

        return null;
    }

    private static void Body(Stream stream, HeadingTrail trail, CancellationToken cancellationToken)
    {
        using var reader = OfficeXml.Open(stream);
        var count = 0;
        var open = new Stack<(StringBuilder Text, int? Level)>();
        WordTable? table = null;
        var depth = 0;
        while (OfficeXml.Next(reader, ref count, cancellationToken))
        {
            if (
                reader.NodeType is XmlNodeType.Text or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace or XmlNodeType.CDATA
                && open.Count > 0
            )
            {
                open.Peek().Text.Append(reader.Value);
            }
            else if (reader.NodeType == XmlNodeType.Element)
            {
                var (name, isEmpty) = (reader.LocalName, reader.IsEmptyElement);
                switch (name)
                {
                    case "p" when !isEmpty:
                        open.Push((new StringBuilder(), null));
                        break;
                    case "h" when !isEmpty:
                        open.Push(
                            (new StringBuilder(), int.TryParse(OfficeXml.Attribute(reader, "outline-level"), out var level) ? level : 1)
                        );
                        break;
                    case "tab" or "s" or "line-break" when open.Count > 0:
                        open.Peek().Text.Append(name == "line-break" ? '\n' : ' ');
                        break;
                    case "table" when !isEmpty:
                        table ??= new WordTable();
                        table.IsLayout |= ++depth > 1;
                        break;
                    case "table-row" when depth == 1:
                        table!.Row();
                        break;
                    case "table-cell" when depth == 1:
                        table!.Cell();
                        break;
                    case "tracked-changes" when !isEmpty:
                        reader.Skip();
                        break;
                }
            }
            else if (reader.NodeType == XmlNodeType.EndElement)
            {
                if (reader.LocalName is "p" or "h" && open.Count > 0)
                {
                    var (text, level) = open.Pop();
                    Give(text.ToString(), level);
                }
                else if (reader.LocalName == "table" && depth > 0 && --depth == 0)
                {
                    table!.WriteTo(trail);
                    table = null;
                }
            }
        }

        void Give(string text, int? level)
        {
            if (table is not null)
            {
                table.Add(text, level);
            }
            else if (level is { } heading)
            {
                trail.Heading(heading, text);
            }
            else
            {
                trail.Block(text);
            }
        }
    }
}
