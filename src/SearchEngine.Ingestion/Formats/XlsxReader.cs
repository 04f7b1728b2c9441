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

    /// <summary>Columns of a sheet at most, as the format has it.</summary>
    private const int MaxColumns = 16_384;

    public string Name => "xlsx";

    public int Version => 3;

    public IReadOnlyCollection<string> Extensions { get; } = [".xlsx", ".xlsm", ".xltx"];

    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        var (document, files) = OfficePackage.Read(
            file,
            "an Excel workbook",
            ".xlsx",
            stream =>
            {
                using var book = SpreadsheetDocument.Open(stream, isEditable: false, OfficePackage.Settings);
                var main = book.WorkbookPart ?? throw new InvalidDataException("It has no workbook.");
                var values = new XlsxValues(main, cancellationToken);
                var trail = new HeadingTrail();
                foreach (var sheet in main.Workbook?.Sheets?.Elements<Sheet>() ?? [])
                {
                    if (sheet.Id?.Value is { } id && main.GetPartById(id) is WorksheetPart worksheet)
                    {
                        trail.Heading(2, sheet.Name?.Value ?? "");
                        ReadSheet(worksheet, values, trail, cancellationToken);
                    }
                }

                return (
                    trail.Finish(TitleRules.CleanProperty(book.PackageProperties.Title), file.Name),
                    OfficePackage.FilesIn(main.WorksheetParts, file, warn)
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

    private static void ReadSheet(WorksheetPart part, XlsxValues values, HeadingTrail trail, CancellationToken cancellationToken)
    {
        var rows = new List<IReadOnlyList<string>>();
        IReadOnlyList<string>? header = null;
        using (var reader = OfficeXml.Open(part.GetStream()))
        {
            var count = 0;
            var cells = new List<string>();
            string? type = null;
            string? style = null;
            var column = 0;
            var text = new StringBuilder();
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
                            style = OfficeXml.Attribute(reader, "s");
                            column = Math.Max(ColumnOf(OfficeXml.Attribute(reader, "r")) ?? cells.Count, cells.Count);
                            break;
                        case "v" or "t" when !reader.IsEmptyElement:
                            // Runs of one string, or a value.
                            text.Append(reader.ReadString());
                            break;
                    }
                }

                if (reader.NodeType == XmlNodeType.EndElement && reader.LocalName == "c" && text.Length > 0)
                {
                    // Cells that hold nothing are not written: those before this one keep the columns in line.
                    cells.AddRange(Enumerable.Repeat("", column - cells.Count));
                    cells.Add(values.Of(text.ToString(), type, style));
                    text.Clear();
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
            trail.Block(string.Join('\n', XlsxValues.Strings(comments, "comment", cancellationToken).Select(HeadingTrail.OneLine)));
        }

        if (part.DrawingsPart is { } drawings)
        {
            foreach (var drawing in drawings.ChartParts.Cast<OpenXmlPart>().Prepend(drawings))
            {
                trail.Block(string.Join('\n', OfficePackage.DrawingTexts(drawing, cancellationToken)));
            }
        }
    }

    /// <summary>The column of a cell's address ("AB12"), from 0; null where it has none, or is further out than a sheet is wide.</summary>
    private static int? ColumnOf(string? address)
    {
        var column = 0;
        foreach (var c in (address ?? "").TakeWhile(char.IsAsciiLetterUpper))
        {
            column = (column * 26) + (c - 'A' + 1);
            if (column > MaxColumns)
            {
                return null;
            }
        }

        return column == 0 ? null : column - 1;
    }
}
