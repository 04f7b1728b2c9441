using System.Text;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Wordprocessing;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Fonts.Standard14Fonts;
using UglyToad.PdfPig.Writer;

namespace SearchEngine.Ingestion.Tests;

public sealed class OfficeReadersTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    internal static byte[] Pdf(string? title, params string[][] pages)
    {
        using var builder = new PdfDocumentBuilder();
        if (title is not null)
            builder.DocumentInformation = new PdfDocumentBuilder.DocumentInformationBuilder { Title = title };
        var font = builder.AddStandard14Font(Standard14Font.Helvetica);
        foreach (var lines in pages)
        {
            var page = builder.AddPage(UglyToad.PdfPig.Content.PageSize.A4);
            double y = 780;
            foreach (var line in lines)
            {
                if (line.Length > 0)
                    page.AddText(line, 11, new PdfPoint(50, y), font);
                y -= line.Length > 0 ? 14 : 28;
            }
        }
        return builder.Build();
    }

    [Fact]
    public void Pdf_gives_pages_with_numbers_and_joins_broken_words()
    {
        var pdf = Pdf("A Report", ["The first page has an exam-", "ple of text."], [], ["The third page."]);
        var document = Assert.Single(TempFolder.Read(new PdfReader(), _folder.Write("a.pdf", pdf)));

        Assert.Equal("A Report", document.Title);
        Assert.Equal([1, 3], document.Sections.Select(s => s.Page));
        Assert.Contains("an example of text.", document.Sections[0].Text.ReplaceLineEndings(" "));
        Assert.Equal("The third page.", document.Sections[1].Text);
    }

    [Fact]
    public void Pdf_without_title_or_text()
    {
        Assert.Equal("name", TempFolder.Read(new PdfReader(), _folder.Write("name.pdf", Pdf(null, ["text"])))[0].Title);
        var warnings = new List<(string Message, int? Line)>();
        Assert.Empty(TempFolder.Read(new PdfReader(), _folder.Write("scan.pdf", Pdf(null, [])), warnings));
        Assert.Contains("no text", Assert.Single(warnings).Message);
    }

    [Fact]
    public void Damaged_pdfs_fail_with_a_reason()
    {
        var pdf = Pdf("T", ["some text on a page"]);
        var random = new Random(11);
        var noise = new byte[3000];
        random.NextBytes(noise);
        foreach (var bytes in new[] { [], noise, pdf[..(pdf.Length / 3)], Encoding.ASCII.GetBytes("%PDF-1.7\nno more") })
        {
            var e = Assert.Throws<SourceFormatException>(() => TempFolder.Read(new PdfReader(), _folder.Write("bad.pdf", bytes)));
            Assert.Contains("not a PDF document", e.Message);
        }
    }

    [Fact]
    public void Any_damage_to_a_pdf_is_a_reported_failure_at_worst()
    {
        var pdf = Pdf("T", ["some text on a page", "and more of it"], ["second page"]);
        var random = new Random(5);
        for (var round = 0; round < 60; round++)
        {
            byte[] bytes = [.. pdf];
            for (var i = 0; i < 1 + round / 4; i++)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                TempFolder.Read(new PdfReader(), _folder.Write("bad.pdf", bytes));
            }
            catch (SourceFormatException e)
            {
                Assert.False(string.IsNullOrWhiteSpace(e.Message));
            }
        }
    }

    [Fact]
    public void Encrypted_pdfs_ask_for_an_unprotected_copy()
    {
        // The encryption dictionary of the standard security handler, with keys that no empty password opens.
        var key = string.Concat(Enumerable.Repeat("AB", 32));
        var text = new StringBuilder("%PDF-1.4\n");
        var offsets = new List<int>();
        foreach (
            var body in new[]
            {
                "<</Type/Catalog/Pages 2 0 R>>",
                "<</Type/Pages/Kids[3 0 R]/Count 1>>",
                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>",
                $"<</Filter/Standard/V 1/R 2/O<{key}>/U<{key}>/P -44>>",
            }
        )
        {
            offsets.Add(text.Length);
            text.Append($"{offsets.Count} 0 obj\n{body}\nendobj\n");
        }
        var xref = text.Length;
        text.Append($"xref\n0 {offsets.Count + 1}\n0000000000 65535 f \n");
        foreach (var offset in offsets)
            text.Append($"{offset:D10} 00000 n \n");
        text.Append($"trailer\n<</Size {offsets.Count + 1}/Root 1 0 R/Encrypt 4 0 R/ID[<01><01>]>>\nstartxref\n{xref}\n%%EOF");

        var e = Assert.Throws<SourceFormatException>(() => TempFolder.Read(new PdfReader(), _folder.Write("locked.pdf", text.ToString())));
        Assert.Contains("password", e.Message);
    }

    private static byte[] Docx(string? title, params OpenXmlElement[] content)
    {
        using var stream = new MemoryStream();
        using (var word = WordprocessingDocument.Create(stream, WordprocessingDocumentType.Document))
        {
            word.AddMainDocumentPart().Document = new DocumentFormat.OpenXml.Wordprocessing.Document(new Body(content));
            word.PackageProperties.Title = title;
        }
        return stream.ToArray();
    }

    private static Paragraph P(string text, string? style = null)
    {
        var paragraph = new Paragraph(new Run(new Text(text) { Space = SpaceProcessingModeValues.Preserve }));
        if (style is not null)
            paragraph.ParagraphProperties = new ParagraphProperties(new ParagraphStyleId { Val = style });
        return paragraph;
    }

    [Fact]
    public void Docx_gives_sections_by_heading()
    {
        var docx = Docx(
            null,
            P("The Title", "Title"),
            P("Introduction."),
            P("Chapter", "Heading1"),
            new Paragraph(new Run(new Text("one"), new TabChar(), new Text("two"), new Break(), new Text("three"))),
            P("Part", "Heading2"),
            new Table(
                new TableRow(new TableCell(P("a")), new TableCell(P("b"))),
                new TableRow(new TableCell(P("1")), new TableCell(P("2")))
            )
        );
        var document = Assert.Single(TempFolder.Read(new DocxReader(), _folder.Write("a.docx", docx)));

        Assert.Equal("The Title", document.Title);
        Assert.Equal(
            ["", "", "Part"],
            document.Sections.Select(s => string.Join('/', s.HeadingPath)).Select(h => h == "Chapter" ? "" : h.Replace("Chapter/", ""))
        );
        Assert.Equal("one\ttwo\nthree", document.Sections[1].Text);
        Assert.Equal("a | b\n1 | 2", document.Sections[2].Text);
        Assert.Equal(
            "From properties",
            TempFolder.Read(new DocxReader(), _folder.Write("b.docx", Docx("From properties", P("x"))))[0].Title
        );
        Assert.Empty(TempFolder.Read(new DocxReader(), _folder.Write("c.docx", Docx(null))));
    }

    [Fact]
    public void Damaged_docx_fails_with_a_reason()
    {
        var docx = Docx(null, P("text"));
        byte[] ole = [0xD0, 0xCF, 0x11, 0xE0, .. new byte[500]];

        Assert.Contains(
            "not a Word document",
            Assert
                .Throws<SourceFormatException>(() => TempFolder.Read(new DocxReader(), _folder.Write("a.docx", docx[..(docx.Length / 2)])))
                .Message
        );
        Assert.Contains(
            "not a Word document",
            Assert.Throws<SourceFormatException>(() => TempFolder.Read(new DocxReader(), _folder.Write("b.docx", "no zip"))).Message
        );
        Assert.Contains(
            "encrypted",
            Assert.Throws<SourceFormatException>(() => TempFolder.Read(new DocxReader(), _folder.Write("c.docx", ole))).Message
        );
    }
}
