using System.Text;

namespace SearchEngine.Ingestion.Tests.Reading;

public sealed class PdfTextTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("di\\033erent", "different")]
    [InlineData("de\\034nition", "definition")]
    [InlineData("\\034rst", "first")]
    [InlineData("in\\035uence", "influence")]
    [InlineData("coe\\036cient", "coefficient")]
    [InlineData("ba\\037ed", "baffled")]
    [InlineData("di\\013erent", "different")]
    [InlineData("de\\014nition", "definition")]
    [InlineData("coe\\016cient", "coefficient")]
    [InlineData("ba\\017ed", "baffled")]
    [InlineData("1986\\0251989", "1986–1989")]
    [InlineData("\\020quoted\\021", "“quoted”")]
    public void Codes_of_fonts_that_name_no_glyphs_are_letters(string shown, string expected)
    {
        var text = Read(Bare($"BT /F3 10 Tf 50 700 Td (a word) Tj 0 -12 Td ({shown}) Tj 0 -12 Td (and more) Tj ET"));

        Assert.Equal($"a word\n{expected}\nand more", text);
    }

    [Fact]
    public void Ligatures_hold_where_the_layout_is_analyzed()
    {
        // Columns written line by line: the order of the content runs across them.
        var content = new StringBuilder("BT /F3 10 Tf ");
        for (var line = 0; line < 8; line++)
        {
            var y = 700 - (12 * line);
            content.Append($"1 0 0 1 40 {y} Tm (left column says de\\034ned {(char)('a' + line)}) Tj ");
            content.Append($"1 0 0 1 400 {y} Tm (right di\\033erent {(char)('a' + line)}) Tj ");
        }

        var text = Read(Bare(content.Append("ET").ToString()));

        Assert.Contains("left column says defined h", text, StringComparison.Ordinal);
        Assert.Contains("right different a", text, StringComparison.Ordinal);
        Assert.True(text.IndexOf("defined h", StringComparison.Ordinal) < text.IndexOf("different a", StringComparison.Ordinal), text);
    }

    [Fact]
    public void An_accent_set_over_a_letter_is_one_with_it()
    {
        // Dieresis (its place in WinAnsi), then the letter half a size back below it.
        var text = Read(Bare("BT /F1 10 Tf 50 700 Td [(M) 0 (\\250) 445 (uller)] TJ 0 -12 Td (and others) Tj ET"));

        Assert.Equal("Müller\nand others", text);
    }

    [Fact]
    public void The_mark_of_a_note_is_apart_from_the_words_beside_it()
    {
        const string Note = "/F1 6 Tf 4 Ts (2) Tj /F1 10 Tf 0 Ts ";
        var text = Read(Bare($"BT /F1 10 Tf 50 700 Td (a claim) Tj {Note} (.) Tj 0 -40 Td {Note} (Note of it) Tj ET"));

        Assert.Equal("a claim 2.\n\n2 Note of it", text);
    }

    [Fact]
    public void A_sentence_over_the_end_of_a_page_stands_on_the_page_where_it_begins()
    {
        var pages = Pages(
            ["It begins on the first page and con-", "", "1"],
            ["tinues on the second. Then comes more.", "", "2"],
            ["The third."]
        );

        Assert.Equal("It begins on the first page and continues on the second.\n\n1", pages[0].Text);
        Assert.Equal("Then comes more.\n\n2", pages[1].Text);
        Assert.Equal([1, 2, 3], pages.Select(p => p.Page));
        Assert.Equal("The third.", pages[2].Text);
    }

    [Fact]
    public void What_is_no_sentence_stays_on_its_page()
    {
        string[] listing = [.. Enumerable.Range(0, 20).Select(i => $"entry number {(char)('a' + i)}")];
        var pages = Pages(
            ["A sentence ends here.", "1"],
            ["lower case begins a new one. More.", "2"],
            ["a list follows,"],
            listing,
            ["End."]
        );

        Assert.Equal("A sentence ends here.\n1", pages[0].Text);
        Assert.Equal("lower case begins a new one. More.\n2", pages[1].Text);
        Assert.Equal("a list follows,", pages[2].Text);
        Assert.Equal(string.Join('\n', listing), pages[3].Text);
    }

    [Fact]
    public void A_ligature_is_its_letters()
    {
        // The codes of the fonts' own encoding, whose names "fi" and "fl" are the single characters U+FB01 and U+FB02.
        var text = Read(Bare("BT /F4 10 Tf 50 700 Td (the \\256le over\\257ows) Tj ET"));

        Assert.Equal("the file overflows", text);
    }

    [Fact]
    public void Words_set_apart_without_a_space_are_apart()
    {
        // As TeX sets them: the space is a step to the right, and some steps within words are there too.
        var text = Read(
            Bare(
                "BT /F1 10 Tf 50 700 Td [(Large)-333(language)-278(mo)-28(dels)-250(f)15(acilitate)] TJ 0 -12 Td [(the)-200(search)] TJ ET"
            )
        );

        Assert.Equal("Large language models facilitate\nthe search", text);
    }

    [Fact]
    public void Dot_leaders_of_a_table_of_contents_are_no_text()
    {
        var page = Assert.Single(
            Pages([
                "Contents",
                "",
                "1 Introduction . . . . . . . . . . . . . 3",
                "2 Method ......................... 12",
                "3 End \u00b7\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7 40",
            ])
        );

        Assert.DoesNotMatch(@"\.\s?\.|\u00b7", page.Text);
        Assert.Contains("1 Introduction 3", page.Text, StringComparison.Ordinal);
        Assert.Contains("2 Method 12", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Headers_and_footers_of_all_pages_are_read_once()
    {
        var pages = Pages([
            .. Enumerable
                .Range(1, 6)
                .Select(i => new[] { "Annals of Herons", "", $"Text of the page of number{i} stands here.", "", $"Herons et al. {i}" }),
        ]);

        var text = string.Join('\n', pages.Select(p => p.Text));
        Assert.Equal(2, text.Split("Annals of Herons").Length);
        Assert.Equal(2, text.Split("Herons et al.").Length);
        Assert.All(Enumerable.Range(1, 6), i => Assert.Contains($"number{i} ", text, StringComparison.Ordinal));
    }

    [Fact]
    public void What_a_header_says_otherwise_on_each_page_and_the_text_of_short_pages_stay()
    {
        string[] body = [.. Enumerable.Range(0, 7).Select(i => $"line {(char)('a' + i)} of the body")];
        var long_ = Pages([.. Enumerable.Range(1, 5).Select(i => (string[])[$"Part {i + 20} of the works, sheet {i}", .. body])]);
        var slides = Pages([.. Enumerable.Range(1, 5).Select(i => new[] { $"Question {i * 11} of the exam is worth {i * 7} points" })]);

        Assert.All(Enumerable.Range(2, 4), i => Assert.StartsWith($"{i + 20} {i}\n", long_[i - 1].Text, StringComparison.Ordinal));
        Assert.All(Enumerable.Range(1, 5), i => Assert.Equal($"Question {i * 11} of the exam is worth {i * 7} points", slides[i - 1].Text));
    }

    [Theory]
    [InlineData("untitled", "paper")]
    [InlineData("Untitled-1", "paper")]
    [InlineData("K:/Work/Herons/X.dvi", "paper")]
    [InlineData("Microsoft Word - herons.doc", "paper")]
    [InlineData("herons.dvi", "paper")]
    [InlineData("Microsoft Word - On Herons", "On Herons")]
    [InlineData("On Herons", "On Herons")]
    public void Titles_that_programs_make_up_are_none(string property, string title)
    {
        var pdf = _folder.Write("paper.pdf", OfficeReadersTests.Pdf(property, ["Some text of it."]));

        Assert.Equal(title, Assert.Single(TempFolder.Read(new PdfReader(), pdf)).Title);
        Assert.Equal(title, Assert.Single(TempFolder.Read(new DocxReader(), _folder.Write("paper.docx", Titled(property)))).Title);
    }

    private static byte[] Titled(string property)
    {
        using var stream = new MemoryStream();
        using (
            var word = DocumentFormat.OpenXml.Packaging.WordprocessingDocument.Create(
                stream,
                DocumentFormat.OpenXml.WordprocessingDocumentType.Document
            )
        )
        {
            word.AddMainDocumentPart().Document = new DocumentFormat.OpenXml.Wordprocessing.Document(
                new DocumentFormat.OpenXml.Wordprocessing.Body(
                    new DocumentFormat.OpenXml.Wordprocessing.Paragraph(
                        new DocumentFormat.OpenXml.Wordprocessing.Run(new DocumentFormat.OpenXml.Wordprocessing.Text("text"))
                    )
                )
            );
            word.PackageProperties.Title = property;
        }

        return stream.ToArray();
    }

    private IReadOnlyList<SourceSection> Pages(params string[][] pages) =>
        Assert.Single(TempFolder.Read(new PdfReader(), _folder.Write("a.pdf", OfficeReadersTests.Pdf(null, pages)))).Sections;

    private string Read(byte[] pdf) =>
        string.Join("\n\f\n", Assert.Single(TempFolder.Read(new PdfReader(), _folder.Write("a.pdf", pdf))).Sections.Select(s => s.Text));

    /// <summary>A page with Helvetica (F1) and a font of bitmaps (F3), whose codes below the space have no names that say anything.</summary>
    private static byte[] Bare(string content)
    {
        var names = new StringBuilder("0");
        for (var code = 0; code < 128; code++)
        {
            names.Append(
                code is > 32 and < 127 && char.IsAsciiLetterOrDigit((char)code) ? $"/{NameOf((char)code)}"
                : code == 32 ? "/space"
                : $"/a{code}"
            );
        }

        var widths = string.Join(' ', Enumerable.Repeat("500", 128));
        const string Glyph = "500 0 0 0 450 700 d1 0 0 450 700 re f";
        var procedures = string.Concat(names.ToString().Split('/').Skip(1).Distinct().Select(n => $"/{n} 7 0 R"));
        string[] objects =
        [
            "<</Type/Catalog/Pages 2 0 R>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F1 5 0 R/F3 6 0 R/F4 8 0 R>>>>/Contents 4 0 R>>",
            $"<</Length {content.Length}>>stream\n{content}\nendstream",
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
            $"<</Type/Font/Subtype/Type3/FontBBox[0 0 500 700]/FontMatrix[0.001 0 0 0.001 0 0]/FirstChar 0/LastChar 127/Widths[{widths}]"
                + $"/Encoding<</Type/Encoding/Differences[{names}]>>/CharProcs<<{procedures}>>>>",
            $"<</Length {Glyph.Length}>>stream\n{Glyph}\nendstream",
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding<</Type/Encoding/Differences[174/fi/fl]>>>>",
        ];
        return Encoding.Latin1.GetBytes(PdfObjects.FileOf(objects));
    }

    private static string NameOf(char c) =>
        char.IsAsciiLetter(c) ? $"{c}" : new[] { "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine" }[c - '0'];
}
