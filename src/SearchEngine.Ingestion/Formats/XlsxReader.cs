using System.Globalization;
using System.Text;
using System.Xml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;

namespace SearchEngine.Ingestion;

/// <summary>Reads Excel workbooks: a section for each sheet, its rows as a table under its name, its comments after it.</summary>
internal sealed class XlsxReader : IDocumentReader
{
    /// <summary>Rows of a sheet in one table.</summary>
    private const int PieceRows = 1000;

    public string Name => "xlsx";

    public int Version => 1;

    public IReadOnlyCollection<string> Extensions { get; } = [".xlsx", ".xlsm", ".xltx"];

    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        var document = OfficePackage.Read(
            file,
            "an Excel workbook",
            ".xlsx",
            stream =>
            {
                using var book = SpreadsheetDocument.Open(stream, isEditable: false, OfficePackage.Settings);
                var main = book.WorkbookPart ?? throw new InvalidDataException("It has no workbook.");
                var strings = main.SharedStringTablePart is { } part ? SharedStrings(part, cancellationToken) : [];
                var trail = new HeadingTrail();
                foreach (var sheet in main.Workbook?.Sheets?.Elements<Sheet>() ?? [])
                {
                    if (sheet.Id?.Value is { } id && main.GetPartById(id) is WorksheetPart worksheet)
                    {
                        trail.Heading(2, sheet.Name?.Value ?? "");
                        ReadSheet(worksheet, strings, trail, cancellationToken);
                    }
                }

                return trail.Finish(TitleRules.CleanProperty(book.PackageProperties.Title), file.Name);
            }
        );
        if (document is not null)
        {
            yield return document;
        }
    }

    private static List<string> SharedStrings(OpenXmlPart part, CancellationToken cancellationToken)
    {
        var strings = new List<string>();
        using var reader = OfficeXml.Open(part.GetStream());
        var count = 0;
        var text = new StringBuilder();
        while (OfficeXml.Next(reader, ref count, cancellationToken))
        {
            if (reader.NodeType == XmlNodeType.Element && reader.LocalName == "t" && !reader.IsEmptyElement)
            {
                text.Append(reader.ReadString());
            }

            if (
                reader.LocalName == "si"
                && (reader.NodeType == XmlNodeType.EndElement || (reader.NodeType == XmlNodeType.Element && reader.IsEmptyElement))
            )
            {
                strings.Add(text.ToString());
                text.Clear();
            }
        }

        return strings;
    }

    private static void ReadSheet(WorksheetPart part, List<string> strings, HeadingTrail trail, CancellationToken cancellationToken)
    {
        var rows = new List<IReadOnlyList<string>>();
        IReadOnlyList<string>? header = null;
        using (var reader = OfficeXml.Open(part.GetStream()))
        {
            var count = 0;
            var cells = new List<string>();
            string? type = null;
            while (OfficeXml.Next(reader, ref count, cancellationToken))
            {
                if (reader.NodeType == XmlNodeType.Element)
                {
                    switch (reader.LocalName)
                    {
                        case "row":
                            cells = [];
                            break;
                        case "c":
                            type = OfficeXml.Attribute(reader, "t");
                            break;
                        case "v" or "t" when !reader.IsEmptyElement:
                            cells.Add(Value(reader.ReadString(), type, strings));
                            break;
                    }
                }

                if (reader.NodeType == XmlNodeType.EndElement && reader.LocalName == "row" && cells.Exists(c => c.Length > 0))
                {
                    rows.Add(cells);
                    if (rows.Count > PieceRows)
                    {
                        header ??= rows[0];
                        trail.Table(rows, 1);
                        rows = [header];
                    }
                }
            }
        }

        if (rows.Count > (header is null ? 0 : 1))
        {
            trail.Table(rows, rows.Count > 1 ? 1 : 0);
        }

        if (part.WorksheetCommentsPart is { } comments)
        {
            trail.Block(string.Join('\n', SharedTexts(comments, cancellationToken)));
        }

        if (part.DrawingsPart is { } drawings)
        {
            foreach (var drawing in drawings.ChartParts.Cast<OpenXmlPart>().Prepend(drawings))
            {
                trail.Block(string.Join('\n', OfficePackage.DrawingTexts(drawing, cancellationToken)));
            }
        }
    }

    private static IEnumerable<string> SharedTexts(OpenXmlPart part, CancellationToken cancellationToken)
    {
        using var reader = OfficeXml.Open(part.GetStream());
        var count = 0;
        var text = new StringBuilder();
        while (OfficeXml.Next(reader, ref count, cancellationToken))
        {
            if (reader.NodeType == XmlNodeType.Element && reader.LocalName == "t" && !reader.IsEmptyElement)
            {
                text.Append(reader.ReadString());
            }

            if (reader.NodeType == XmlNodeType.EndElement && reader.LocalName == "comment")
            {
                yield return HeadingTrail.OneLine(text.ToString());
                text.Clear();
            }
        }
    }

    private static string Value(string value, string? type, List<string> strings) =>
        HeadingTrail.OneLine(
            type switch
            {
                "s" when int.TryParse(value, CultureInfo.InvariantCulture, out var index) && index >= 0 && index < strings.Count => strings[
                    index
                ],
                "b" => value == "1" ? "true" : "false",
                _ => value,
            }
        );
}
