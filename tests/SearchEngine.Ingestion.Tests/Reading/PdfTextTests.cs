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
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F1 5 0 R/F3 6 0 R>>>>/Contents 4 0 R>>",
            $"<</Length {content.Length}>>stream\n{content}\nendstream",
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
            $"<</Type/Font/Subtype/Type3/FontBBox[0 0 500 700]/FontMatrix[0.001 0 0 0.001 0 0]/FirstChar 0/LastChar 127/Widths[{widths}]"
                + $"/Encoding<</Type/Encoding/Differences[{names}]>>/CharProcs<<{procedures}>>>>",
            $"<</Length {Glyph.Length}>>stream\n{Glyph}\nendstream",
        ];
        return Encoding.Latin1.GetBytes(PdfObjects.FileOf(objects));
    }

    private static string NameOf(char c) =>
        char.IsAsciiLetter(c) ? $"{c}" : new[] { "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine" }[c - '0'];
}
