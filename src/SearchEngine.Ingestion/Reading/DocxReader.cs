using System.Text;
using System.Xml;
using DocumentFormat.OpenXml.Packaging;

namespace SearchEngine.Ingestion;

/// <summary>
/// Reads Word documents (.docx): paragraphs, lists, tables, text boxes, equations, foot- and endnotes, comments, diagrams, headers and
/// footers, by headings; and what it holds in other formats (chunks of HTML, embedded workbooks) as documents of their own. The title is the paragraph of style Title, else the document property, else the first heading of level 1, else
/// the file name.
/// </summary>
public sealed class DocxReader : IDocumentReader
{
    /// <inheritdoc />
    public string Name => "docx";

    /// <inheritdoc />
    public int Version => 4;

    /// <inheritdoc />
    public IReadOnlyCollection<string> Extensions { get; } = [".docx", ".docm", ".dotx", ".dotm"];

    /// <inheritdoc />
    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        var (document, files) = OfficePackage.Read(
            file,
            "a Word document",
            ".docx",
            stream =>
            {
                using var word = WordprocessingDocument.Open(stream, isEditable: false, OfficePackage.Settings);
                var parsed = Parse(word, file.Name, cancellationToken);
                return (parsed, OfficePackage.FilesIn([word.MainDocumentPart!], file, warn));
            }
        );
        if (document is not null)
        {
            yield return document;
        }

        foreach (var contained in OfficePackage.ReadFiles(files, file, document?.Title ?? file.Name, warn, cancellationToken))
        {
            yield return contained;
        }
    }

    private static SourceDocument? Parse(WordprocessingDocument word, string fallbackTitle, CancellationToken cancellationToken)
    {
        var main = word.MainDocumentPart ?? throw new InvalidDataException("It has no body.");
        var styles = WordStyles.Of(main, cancellationToken);
        var notes = new Dictionary<string, string>(StringComparer.Ordinal);
        ReadNotes(main.FootnotesPart, "footnote", notes, cancellationToken);
        ReadNotes(main.EndnotesPart, "endnote", notes, cancellationToken);
        ReadNotes(main.WordprocessingCommentsPart, "comment", notes, cancellationToken);
        var trail = new HeadingTrail();
        var body = new WordText(trail, styles, notes, cancellationToken);
        body.Read(main);
        trail.LeaveHeadings();
        foreach (var part in main.GetPartsOfType<DiagramDataPart>().Cast<OpenXmlPart>().Concat(main.GetPartsOfType<ChartPart>()))
        {
            trail.Block(string.Join('\n', OfficePackage.DrawingTexts(part, cancellationToken)));
        }

        foreach (var note in body.Notes.Values)
        {
            trail.Block(note);
        }

        ReadFrames(main, styles, trail, cancellationToken);
        var property = TitleRules.CleanProperty(word.PackageProperties.Title);
        if (property is not null && body.Title is not null && property != body.Title)
        {
            trail.Block(property);
        }

        return trail.Finish(body.Title ?? property, fallbackTitle);
    }

    /// <summary>Headers and footers: those of the first, even and odd pages often say the same.</summary>
    private static void ReadFrames(MainDocumentPart main, WordStyles styles, HeadingTrail trail, CancellationToken cancellationToken)
    {
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in main.HeaderParts.Cast<OpenXmlPart>().Concat(main.FooterParts))
        {
            var frame = new HeadingTrail();
            new WordText(frame, styles, [], cancellationToken).Read(part);
            foreach (var section in frame.Finish(null, "")?.Sections ?? [])
            {
                var text = string.Join('\n', section.HeadingPath.Append(section.Text)).Trim();
                if (!IsPageNumber(text) && told.Add(text))
                {
                    trail.Block(text);
                }
            }
        }
    }

    /// <summary>Whether it is a page's number, of pages or not ("- 3 -", "3/12"), which says nothing alone.</summary>
    private static bool IsPageNumber(string text)
    {
        const int MostDigits = 4;
        return !text.Any(char.IsLetter)
            && text.Split((char[])[' ', '/', '-', '\n', '\t', '|'], StringSplitOptions.RemoveEmptyEntries)
                .Where(word => word.Any(char.IsDigit))
                .ToList()
                is var numbers
            && numbers.Count < 3
            && numbers.TrueForAll(number => number.Length < MostDigits);
    }

    private static void ReadNotes(OpenXmlPart? part, string kind, Dictionary<string, string> notes, CancellationToken cancellationToken)
    {
        if (part is null)
        {
            return;
        }

        using var reader = OfficeXml.Open(part.GetStream());
        var count = 0;
        var text = new StringBuilder();
        string? id = null;
        while (OfficeXml.Next(reader, ref count, cancellationToken))
        {
            if (reader.NodeType == XmlNodeType.Element)
            {
                if (reader.LocalName == kind)
                {
                    id = OfficeXml.Attribute(reader, "id");
                }
                else if (WordText.IsLeftOut(reader.LocalName))
                {
                    OfficeXml.SkipContent(reader);
                }
                else
                {
                    WordText.AppendInline(reader, text);
                }
            }

            if (reader.NodeType == XmlNodeType.EndElement && reader.LocalName == "p")
            {
                text.Append('\n');
            }
            else if (reader.NodeType == XmlNodeType.EndElement && reader.LocalName == kind)
            {
                if (text.ToString().Trim() is { Length: > 0 } note)
                {
                    notes[WordText.NoteKey(kind, id)] = note;
                }

                text.Clear();
            }
        }
    }
}
