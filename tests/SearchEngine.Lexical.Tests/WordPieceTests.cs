using SearchEngine.Lexical.Analysis;

namespace SearchEngine.Lexical.Tests;

/// <summary>
/// The pieces of a text with their places. A piece is written with its increment before it, and behind it <c>*</c> where it is the whole of a compound and
/// <c>^</c> where it is one word made of parts.
/// </summary>
public sealed class WordPieceTests
{
    [Theory]
    // words and joiners
    [InlineData("one two", "1one 1two")]
    [InlineData("wi-fi", "1wifi* 0wi 1fi")]
    [InlineData("a--b", "1a 1b")]
    [InlineData("-a-", "1a")]
    [InlineData("AT&T", "1AT&T* 0AT 1T")]
    [InlineData("R&D", "1R&D*")]
    [InlineData("1&T", "11 1T")]
    [InlineData("A&1", "1A 11")]
    [InlineData("foo_bar", "1foobar* 0foo 1bar")]
    [InlineData("foo__bar", "1foobar* 0foo 1bar")]
    [InlineData("soft\u00ADware", "1software")]
    [InlineData("read.me", "1read.me* 0read 1me")]
    [InlineData("end. Next", "1end 1Next")]
    [InlineData("2020-2021", "12020 12021")]
    [InlineData("covid-19", "1covid19* 0covid 119")]
    // dots
    [InlineData("U.S.", "1US*")]
    [InlineData("e.g. this", "1eg* 1this")]
    [InlineData("on .NET now", "1on 1.NET* 0NET 1now")]
    [InlineData(".net", "1.net* 0net")]
    [InlineData("(.net)", "1.net* 0net")]
    [InlineData("x.net", "1x.net* 0x 1net")]
    [InlineData(").net", "1net")]
    [InlineData(".5", "15")]
    // apostrophes
    [InlineData("don't", "1dont")]
    [InlineData("Don\u2019T", "1DonT")]
    [InlineData("we'll they've I'm he'd you're", "1well 1theyve 1Im 1hed 1youre")]
    [InlineData("Alzheimer's", "1Alzheimer")]
    [InlineData("O'Neill", "1ONeill* 0O 1Neill")]
    [InlineData("l'avenue", "1lavenue* 0l 1avenue")]
    [InlineData("rock'n", "1rockn* 0rock 1n")]
    [InlineData("5'4", "15 14")]
    [InlineData("5'x x'5", "15 1x 1x 15")]
    // case
    [InlineData("GetAsync", "1GetAsync^ 0Get 1Async")]
    [InlineData("HttpClient.GetAsync", "1HttpClient.GetAsync* 0HttpClient^ 0Http 1Client 1GetAsync^ 0Get 1Async")]
    [InlineData("HTTPServer", "1HTTPServer^ 0HTTP 1Server")]
    [InlineData("iPhone", "1iPhone")]
    [InlineData("mRNA", "1mRNA")]
    [InlineData("JavaScript3D", "1JavaScript3D^ 0Java 1Script 13D")]
    [InlineData("USA", "1USA")]
    [InlineData("IBMer", "1IBMer^ 0IB 1Mer")]
    // letters and digits
    [InlineData("python3", "1python3")]
    [InlineData("sha256", "1sha256^ 0sha 1256")]
    [InlineData("p53 H2O mp3", "1p53 1H2O 1mp3")]
    [InlineData("v3.5.1", "1v3.5.1^ 03.5.1")]
    [InlineData("v3", "1v3")]
    [InlineData("ab3.5", "1ab3.5")]
    [InlineData("3.4.32", "13.4.32")]
    [InlineData("5mg", "15mg^ 05 1mg")]
    [InlineData("5m", "15m^ 05 1m")]
    [InlineData("2.5kg", "12.5kg^ 02.5 1kg")]
    [InlineData("12abcd", "112abcd^ 012 1abcd")]
    [InlineData("12abcde", "112abcde")]
    // commas
    [InlineData("1,000", "11000")]
    [InlineData("1,234,567", "11234567")]
    [InlineData("1,00", "11 100")]
    [InlineData("1,0000", "11 10000")]
    [InlineData("a,000", "1a 1000")]
    // suffixes
    [InlineData("C# F#", "1C# 1F#")]
    [InlineData("abc# def", "1abc 1def")]
    [InlineData("C## C#x", "1C 1C 1x")]
    [InlineData("C++ C++20 g+ C+++", "1C++ 1C++20 1g 1C")]
    [InlineData("1# 1++", "11 11")]
    public void Compounds_are_the_whole_and_its_parts(string text, string expected) =>
        Assert.Equal(
            expected,
            string.Join(
                ' ',
                WordScanner
                    .Scan(text)
                    .Select(piece =>
                        $"{piece.Increment}{piece.Text}{piece.Type switch { TokenTypes.Whole => "*", TokenTypes.OnePiece => "^", _ => "" }}"
                    )
            )
        );

    [Fact]
    public void A_piece_stands_where_it_is_written()
    {
        const string Text = "call ASP.NET HttpClient.GetAsync, don't sha256 it; 東京 C++20";
        foreach (var piece in WordScanner.Scan(Text))
        {
            var written = Text[piece.Start..piece.End];
            Assert.Equal(piece.Text.Replace(".", ""), written.Replace("'", "").Replace(".", ""));
        }
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void A_whole_is_a_term_up_to_64_characters(int length, bool isWhole)
    {
        var text = "half." + new string('x', length - 5);
        var pieces = WordScanner.Scan(text);

        Assert.Equal(isWhole ? [text, "half", text[5..]] : ["half", text[5..]], pieces.Select(piece => piece.Text));
        Assert.Equal(isWhole ? [1, 0, 1] : [1, 1], pieces.Select(piece => piece.Increment));
    }

    [Fact]
    public void Runs_are_cut_at_255_characters()
    {
        Assert.Equal([255, 45], WordScanner.Scan(new string('x', 300)).Select(piece => piece.Text.Length));
        Assert.Equal([255, 45], WordScanner.Scan(new string('東', 300)).Select(piece => piece.Text.Length));
        Assert.Single(WordScanner.Scan(new string('x', 255)));
    }

    [Fact]
    public void Folding_gives_the_text_itself_where_it_has_no_accents()
    {
        foreach (var plain in new[] { "plain", "новые книги", "東京" })
            Assert.Same(plain, AccentFolding.Fold(plain));
        Assert.Equal("creme", AccentFolding.Fold("crème"));
        Assert.Equal("Strasse", AccentFolding.Fold("Straße"));
        Assert.Equal("и", AccentFolding.Fold("и\u0306"));
        Assert.Equal("θαλασσασ", AccentFolding.Fold("θάλασσας"));
    }

    [Theory]
    [InlineData("\"call http client get async\"")]
    [InlineData("\"get async now\"")]
    public void A_phrase_runs_through_the_parts_of_compounds(string query)
    {
        using var fixture = new IndexFixture();
        using var index = fixture.Open();
        index.Add([IndexFixture.Doc(1, "call HttpClient.GetAsync now"), IndexFixture.Doc(2, "now async, get client http, call")]);
        index.Refresh();

        Assert.Equal([1], IndexFixture.Search(index, query));
    }
}
