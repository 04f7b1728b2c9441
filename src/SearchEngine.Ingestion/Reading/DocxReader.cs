using System.Text;
using System.Xml;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Wordprocessing;

namespace SearchEngine.Ingestion;

/// <summary>
/// Reads Word documents (.docx): paragraphs, lists and tables by headings. The title is the document property, else the paragraph
/// of style Title or the first heading of level 1, else the file name.
/// </summary>
public sealed class DocxReader : IDocumentReader
{
    private const int MaxLevels = 9;

    /// <summary>Text of one part, unpacked; guards against archives made to fill the memory.</summary>
    private const long MaxCharactersInPart = 256L << 20;

    /// <inheritdoc />
    public string Name => "docx";

    /// <inheritdoc />
    public int Version => 1;

    /// <inheritdoc />
    public IReadOnlyCollection<string> Extensions { get; } = [".docx"];

    /// <inheritdoc />
    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        byte[] bytes = file.ReadAllBytes();
        SourceDocument? document;
        try
        {
            document = Parse(bytes, file.Name, cancellationToken);
        }
        catch (Exception e) when (e is OpenXmlPackageException or InvalidDataException or XmlException or FileFormatException or IOException or InvalidOperationException or FormatException)
        {
            throw new SourceFormatException(
                bytes is [0xD0, 0xCF, 0x11, 0xE0, ..]
                    ? "It is encrypted or in the old .doc format. Save it as .docx without a password first."
                    : $"It is damaged or not a Word document: {e.Message}",
                e);
        }
        if (document is not null)
            yield return document;
    }

    private static SourceDocument? Parse(byte[] bytes, string fallbackTitle, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream(bytes, writable: false);
        using WordprocessingDocument word = WordprocessingDocument.Open(stream, isEditable: false, new OpenSettings { MaxCharactersInPart = MaxCharactersInPart });
        Body? body = word.MainDocumentPart?.Document?.Body;
        if (body is null)
            throw new InvalidDataException("It has no body.");
        Dictionary<string, int> levels = HeadingLevels(word.MainDocumentPart?.StyleDefinitionsPart?.Styles);
        var trail = new HeadingTrail();
        string? title = null;
        foreach (OpenXmlElement element in Blocks(body))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (element is Table table)
            {
                trail.Block(Text(table));
                continue;
            }
            var paragraph = (Paragraph)element;
            string text = Text(paragraph);
            string? style = paragraph.ParagraphProperties?.ParagraphStyleId?.Val?.Value;
            if (style == "Title" && title is null && text.Trim().Length > 0)
                title = HeadingTrail.OneLine(text);
            else if (Level(paragraph, style, levels) is int level)
                trail.Heading(level, text);
            else
                trail.Block(text);
        }
        IReadOnlyList<SourceSection> sections = trail.Finish();
        string? property = HeadingTrail.OneLine(word.PackageProperties.Title ?? "") is { Length: > 0 } own ? own : null;
        title = property ?? title ?? trail.Title;
        if (sections.Count == 0)
            return title is null ? null : new SourceDocument { Title = title, Sections = [new SourceSection([], null, title)] };
        return new SourceDocument { Title = title ?? fallbackTitle, Sections = sections };
    }

    /// <summary>Paragraphs and tables, also those inside content controls.</summary>
    private static IEnumerable<OpenXmlElement> Blocks(OpenXmlElement container)
    {
        foreach (OpenXmlElement child in container.ChildElements)
        {
            if (child is Paragraph or Table)
            {
                yield return child;
            }
            else if (child is SdtBlock or SdtContentBlock)
            {
                foreach (OpenXmlElement inner in Blocks(child))
                    yield return inner;
            }
        }
    }

    private static int? Level(Paragraph paragraph, string? style, Dictionary<string, int> levels)
    {
        if (paragraph.ParagraphProperties?.OutlineLevel?.Val?.Value is int outline && outline < MaxLevels)
            return outline + 1;
        return style is not null && levels.TryGetValue(style, out int level) ? level : null;
    }

    private static Dictionary<string, int> HeadingLevels(Styles? styles)
    {
        var levels = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 1; i <= MaxLevels; i++)
            levels["Heading" + i] = i;
        foreach (Style style in styles?.Elements<Style>() ?? [])
        {
            if (style.StyleId?.Value is { } id && style.StyleParagraphProperties?.OutlineLevel?.Val?.Value is int outline && outline < MaxLevels)
                levels[id] = outline + 1;
        }
        return levels;
    }

    private static string Text(Table table)
    {
        var text = new StringBuilder();
        foreach (TableRow row in table.Descendants<TableRow>())
        {
            text.AppendJoin(" | ", row.Elements<TableCell>().Select(
                cell => HeadingTrail.OneLine(string.Join(' ', cell.Elements<Paragraph>().Select(Text))))).Append('\n');
        }
        return text.ToString();
    }

    private static string Text(Paragraph paragraph)
    {
        var text = new StringBuilder();
        foreach (OpenXmlElement element in paragraph.Descendants())
        {
            switch (element)
            {
                case Text run:
                    text.Append(run.Text);
                    break;
                case TabChar:
                    text.Append('\t');
                    break;
                case Break or CarriageReturn:
                    text.Append('\n');
                    break;
            }
        }
        return text.ToString();
    }
}
