using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Presentation;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Writer;
using D = DocumentFormat.OpenXml.Drawing;
using S = DocumentFormat.OpenXml.Spreadsheet;

namespace SearchEngine.Ingestion.Tests.Formats;

/// <summary>Workbooks, presentations and PDF files, made by the libraries that write them.</summary>
internal static class SampleOffice
{
    internal static byte[] Xlsx(params S.Row[] rows)
    {
        using var stream = new MemoryStream();
        using (var book = SpreadsheetDocument.Create(stream, SpreadsheetDocumentType.Workbook))
        {
            var main = book.AddWorkbookPart();
            var styles = main.AddNewPart<WorkbookStylesPart>();
            styles.Stylesheet = new S.Stylesheet(
                new S.NumberingFormats(new S.NumberingFormat { NumberFormatId = 164, FormatCode = "\"day\" d.m.yyyy" }),
                new S.CellFormats(new S.CellFormat(), new S.CellFormat { NumberFormatId = 14 }, new S.CellFormat { NumberFormatId = 164 })
            );
            var strings = main.AddNewPart<SharedStringTablePart>();
            strings.SharedStringTable = new S.SharedStringTable(
                new S.SharedStringItem(new S.Text("shared")),
                new S.SharedStringItem(new S.Run(new S.Text("two ")), new S.Run(new S.Text("runs")))
            );
            var sheet = main.AddNewPart<WorksheetPart>();
            sheet.Worksheet = new S.Worksheet(
                new S.SheetData(
                    rows.Length > 0
                        ? rows
                        :
                        [
                            new S.Row(Cell("0", S.CellValues.SharedString), Cell("1", S.CellValues.SharedString)),
                            new S.Row(Cell("45000", null, style: 1), Cell("0.5", null, style: 2)),
                        ]
                )
            );
            main.Workbook = new S.Workbook(
                new S.Sheets(
                    new S.Sheet
                    {
                        Name = "Stock",
                        SheetId = 1,
                        Id = main.GetIdOfPart(sheet),
                    }
                )
            );
        }

        return stream.ToArray();
    }

    internal static S.Cell Cell(string value, S.CellValues? type, uint style = 0, string? address = null)
    {
        var cell = new S.Cell { CellValue = new S.CellValue(value), StyleIndex = style };
        cell.DataType = type is { } given ? new EnumValue<S.CellValues>(given) : null;
        cell.CellReference = address;
        return cell;
    }

    internal static byte[] Pptx()
    {
        using var stream = new MemoryStream();
        using (var show = PresentationDocument.Create(stream, PresentationDocumentType.Presentation))
        {
            var main = show.AddPresentationPart();
            var slide = main.AddNewPart<SlidePart>();
            Shape Shape(string text, bool isTitle) =>
                new(
                    new NonVisualShapeProperties(
                        new NonVisualDrawingProperties { Id = 1, Name = "s" },
                        new NonVisualShapeDrawingProperties(),
                        new ApplicationNonVisualDrawingProperties(isTitle ? [new PlaceholderShape { Type = PlaceholderValues.Title }] : [])
                    ),
                    new ShapeProperties(),
                    new TextBody(new D.BodyProperties(), new D.Paragraph(new D.Run(new D.Text(text))))
                );
            slide.Slide = new Slide(
                new CommonSlideData(
                    new ShapeTree(
                        new NonVisualGroupShapeProperties(
                            new NonVisualDrawingProperties { Id = 9, Name = "" },
                            new NonVisualGroupShapeDrawingProperties(),
                            new ApplicationNonVisualDrawingProperties()
                        ),
                        new GroupShapeProperties(),
                        Shape("Slide title", isTitle: true),
                        Shape("slide body", isTitle: false)
                    )
                )
            );
            slide.AddNewPart<SlideCommentsPart>().CommentList = new CommentList(new Comment(new Position(), new Text("review remark")));
            main.Presentation = new Presentation(new SlideIdList(new SlideId { Id = 256, RelationshipId = main.GetIdOfPart(slide) }));
        }

        return stream.ToArray();
    }

    /// <summary>A page of text, and one that a picture fills.</summary>
    internal static byte[] PicturePdf()
    {
        using var builder = new PdfDocumentBuilder();
        var font = builder.AddStandard14Font(UglyToad.PdfPig.Fonts.Standard14Fonts.Standard14Font.Helvetica);
        builder.AddPage(UglyToad.PdfPig.Content.PageSize.A4).AddText("typed words", 11, new PdfPoint(50, 700), font);
        var scanned = builder.AddPage(UglyToad.PdfPig.Content.PageSize.A4);
        scanned.AddPng(Png, new PdfRectangle(0, 0, 595, 842));
        scanned.AddText("- 2 -", 8, new PdfPoint(290, 20), font);
        return builder.Build();
    }

    /// <summary>One grey pixel.</summary>
    internal static byte[] Png { get; } =
        Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==");
}
