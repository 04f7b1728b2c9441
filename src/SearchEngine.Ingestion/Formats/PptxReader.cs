using System.Text;
using System.Xml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Presentation;

namespace SearchEngine.Ingestion;

/// <summary>
/// Reads PowerPoint presentations: slides as pages under their titles, with tables, diagrams, charts, comments and the speaker's notes.
/// </summary>
internal sealed class PptxReader : IDocumentReader
{
    public string Name => "pptx";

    public int Version => 3;

    public IReadOnlyCollection<string> Extensions { get; } = [".pptx", ".pptm", ".ppsx", ".potx"];

    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        var (document, files) = OfficePackage.Read(
            file,
            "a PowerPoint presentation",
            ".pptx",
            stream =>
            {
                using var show = PresentationDocument.Open(stream, isEditable: false, OfficePackage.Settings);
                var main = show.PresentationPart ?? throw new InvalidDataException("It has no slides.");
                var trail = new HeadingTrail();
                var number = 0;
                foreach (var slide in main.Presentation?.SlideIdList?.Elements<SlideId>() ?? [])
                {
                    if (slide.RelationshipId?.Value is { } id && main.GetPartById(id) is SlidePart part)
                    {
                        trail.Page(++number);
                        ReadSlide(part, trail, cancellationToken);
                    }
                }

                return (
                    trail.Finish(TitleRules.CleanProperty(show.PackageProperties.Title), file.Name),
                    OfficePackage.FilesIn(main.SlideParts, file, warn)
                );
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

    private static void ReadSlide(SlidePart part, HeadingTrail trail, CancellationToken cancellationToken)
    {
        var (title, blocks) = Shapes(part, cancellationToken);
        trail.Heading(2, title);
        blocks.ForEach(block => trail.Block(block));
        var others = part.GetPartsOfType<DiagramDataPart>()
            .Cast<OpenXmlPart>()
            .Concat(part.ChartParts)
            .Concat(part.SlideCommentsPart is { } c ? [c] : [])
            .Concat(part.GetPartsOfType<PowerPointCommentPart>());
        foreach (var other in others)
        {
            trail.Block(string.Join('\n', OfficePackage.DrawingTexts(other, cancellationToken)));
        }

        if (part.NotesSlidePart is { } notes)
        {
            var (_, texts) = Shapes(notes, cancellationToken);
            texts.ForEach(block => trail.Block(block));
        }
    }

    /// <summary>The title, and the text of each shape; rows of tables on lines.</summary>
    private static (string Title, List<string> Blocks) Shapes(OpenXmlPart part, CancellationToken cancellationToken)
    {
        var title = "";
        var blocks = new List<string>();
        var text = new StringBuilder();
        var isTitle = false;
        var isNumber = false;
        using var reader = OfficeXml.Open(part.GetStream());
        var count = 0;
        while (OfficeXml.Next(reader, ref count, cancellationToken))
        {
            if (reader.NodeType == XmlNodeType.Element)
            {
                switch (reader.LocalName)
                {
                    case "t" when !reader.IsEmptyElement:
                        text.Append(reader.ReadString());
                        break;
                    case "br":
                        text.Append('\n');
                        break;
                    case "ph":
                        var kind = OfficeXml.Attribute(reader, "type");
                        isTitle = kind is "title" or "ctrTitle";
                        isNumber = kind == "sldNum";
                        break;
                    case "cNvPr" when OfficeXml.Attribute(reader, "descr") is { Length: > 0 } description:
                        blocks.Add(description);
                        break;
                }
            }

            if (reader.NodeType != XmlNodeType.EndElement)
            {
                continue;
            }

            switch (reader.LocalName)
            {
                case "p" or "tr":
                    text.Append('\n');
                    break;
                case "tc":
                    text.Length = text.ToString().TrimEnd('\n').Length;
                    text.Append(" | ");
                    break;
                case "sp" or "graphicFrame" when isTitle && title.Length == 0:
                    title = text.ToString();
                    text.Clear();
                    isTitle = false;
                    break;
                case "sp" or "graphicFrame":
                    if (!isNumber)
                    {
                        blocks.Add(text.ToString());
                    }

                    text.Clear();
                    isNumber = false;
                    break;
            }
        }

        return (title, blocks);
    }
}
