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

    public int Version => 2;

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
                foreach (var entry in zip.Entries.Where(IsObject))
                {
                    // Charts and formulas are documents of their own in the same package.
                    trail.LeaveHeadings();
                    Body(entry.Open(), trail, cancellationToken);
                }

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

    private static bool IsObject(ZipArchiveEntry entry) =>
        entry.FullName.StartsWith("Object ", StringComparison.Ordinal) && entry.FullName.EndsWith("/content.xml", StringComparison.Ordinal);

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
        var isSheets = false;
        StringBuilder? formula = null;
        while (OfficeXml.Next(reader, ref count, cancellationToken))
        {
            if (formula is not null && reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA && open.Count == 0)
            {
                formula.Append(reader.Value).Append(' ');
            }
            else if (
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
                    case "spreadsheet":
                        isSheets = true;
                        break;
                    case "math" when !isEmpty:
                        formula = new StringBuilder();
                        break;
                    case "annotation" when formula is not null && !isEmpty:
                        // The source of a formula, which its elements say already.
                        OfficeXml.SkipContent(reader);
                        break;
                    case "table" when !isEmpty:
                        if (isSheets && depth == 0)
                        {
                            trail.Heading(2, OfficeXml.Attribute(reader, "name") ?? "");
                        }

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
                        OfficeXml.SkipContent(reader);
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
                else if (reader.LocalName == "math" && formula is not null)
                {
                    Give(HeadingTrail.OneLine(formula.ToString()), null);
                    formula = null;
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
