using static SearchEngine.Lexical.Tests.IndexFixture;

namespace SearchEngine.Lexical.Tests;

/// <summary>Words as people type them, against texts as people write them.</summary>
public sealed class AnalysisTests : IDisposable
{
    private readonly IndexFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("call HttpClient.GetAsync to read", "GetAsync")]
    [InlineData("call HttpClient.GetAsync to read", "getasync")]
    [InlineData("call HttpClient.GetAsync to read", "httpclient")]
    [InlineData("call HttpClient.GetAsync to read", "http client async")]
    [InlineData("call HttpClient.GetAsync to read", "HttpClient.GetAsync")]
    [InlineData("call get_async to read", "GetAsync")]
    [InlineData("edit foo_bar.cs first", "foo_bar.cs")]
    [InlineData("edit foo_bar.cs first", "foo_bar")]
    [InlineData("edit foo_bar.cs first", "bar")]
    [InlineData("version GLIBCXX_3.4.32 not found", "GLIBCXX_3.4.32")]
    [InlineData("version GLIBCXX_3.4.32 not found", "glibcxx")]
    [InlineData("version GLIBCXX_3.4.32 not found", "3.4.32")]
    [InlineData("released as v3.5.1 today", "v3.5.1")]
    [InlineData("released as v3.5.1 today", "3.5.1")]
    [InlineData("released as 3.5.1 today", "v3.5.1")]
    [InlineData("a wi-fi router", "wifi")]
    [InlineData("a wifi router", "wi-fi")]
    [InlineData("a wifi router", "wi fi")]
    [InlineData("a wi\u2011fi router", "Wi-Fi")]
    [InlineData("a wi fi router", "wi-fi")]
    [InlineData("about 1,000 people", "1000")]
    [InlineData("about 1000 people", "1,000")]
    [InlineData("about 1,234,567 people", "1234567")]
    [InlineData("crème brûlée", "creme brulee")]
    [InlineData("creme brulee", "crème brûlée")]
    [InlineData("cre\u0300me bru\u0302le\u0301e", "crème brûlée")]
    [InlineData("cre\u0300me bru\u0302le\u0301e", "creme")]
    [InlineData("the ﬁnal straße, encyclopædia, œuvre", "final")]
    [InlineData("the ﬁnal straße, encyclopædia, œuvre", "strasse")]
    [InlineData("the ﬁnal straße, encyclopædia, œuvre", "encyclopaedia")]
    [InlineData("the ﬁnal straße, encyclopædia, œuvre", "oeuvre")]
    [InlineData("η Ελλάδα και η θάλασσα", "θαλασσα")]
    [InlineData("they don\u2019t know", "don't")]
    [InlineData("they don't know", "don\u2019t")]
    [InlineData("they don't know", "dont")]
    [InlineData("Alzheimer\u2019s disease", "alzheimer")]
    [InlineData("O'Neill wrote it", "oneill")]
    [InlineData("O'Neill wrote it", "O\u2019Neill")]
    [InlineData("made in the U.S. last year", "US")]
    [InlineData("made in the US last year", "U.S.")]
    [InlineData("written in C++ by", "c++")]
    [InlineData("written in C++20 by", "C++20")]
    [InlineData("written in C# by", "C#")]
    [InlineData("written in F# by", "f#")]
    [InlineData("on the .NET runtime", ".NET")]
    [InlineData("on the .NET runtime", ".net")]
    [InlineData("an ASP.NET page", "asp.net")]
    [InlineData("take 5mg daily", "5 mg")]
    [InlineData("take 5 mg daily", "5mg")]
    [InlineData("a 100GB disk", "100 GB")]
    [InlineData("install python3 now", "python 3")]
    [InlineData("the IT department", "IT")]
    [InlineData("news of the WHO", "WHO")]
    [InlineData("to be or not to be", "to be or not to be")]
    [InlineData("東京都に住む", "東京")]
    [InlineData("한국어 문서", "한국어")]
    [InlineData("поиск по документам", "поиск")]
    [InlineData("the soft\u00ADware", "software")]
    [InlineData("state-of-the-art methods", "state of the art")]
    public void Words_are_found(string text, string query)
    {
        using var index = _fixture.Open();
        index.Add([Doc(1, text), Doc(2, "nothing of that sort here")]);
        index.Refresh();

        Assert.Equal(1, Search(index, query).FirstOrDefault(-1));
    }

    [Theory]
    [InlineData("C#", 1)]
    [InlineData("C++", 2)]
    [InlineData("F#", 4)]
    [InlineData("C", 3)]
    public void Languages_are_words_of_their_own(string query, int expected)
    {
        using var index = _fixture.Open();
        index.Add([Doc(1, "programs in C# run"), Doc(2, "programs in C++ run"), Doc(3, "programs in C run"), Doc(4, "programs in F# run")]);
        index.Refresh();

        Assert.Equal([expected], Search(index, query));
    }

    [Fact]
    public void A_word_in_one_piece_is_not_every_text_with_one_of_its_parts()
    {
        using var index = _fixture.Open();
        index.Add([
            Doc(1, "order1234 is paid"),
            Doc(2, "order1235 is not"),
            Doc(3, "an order of books, 1234 of them"),
            Doc(4, "order 1234 is the same"),
        ]);
        index.Refresh();

        Assert.Equal([1, 4], Search(index, "order1234"));
        Assert.Equal([1], Search(index, "Order1234 paid")[..1]);
    }

    [Fact]
    public void The_written_form_ranks_before_its_folded_ones()
    {
        using var index = _fixture.Open();
        index.Add([Doc(1, "send the resume"), Doc(2, "send the résumé"), Doc(3, "send the rèsume")]);
        index.Refresh();

        Assert.Equal(1, Search(index, "resume")[0]);
        Assert.Equal(2, Search(index, "résumé")[0]);
        Assert.Equal(3, Search(index, "rèsume")[0]);
        Assert.Equal([1, 2, 3], Search(index, "resume").Order());
        Assert.Equal([1, 2, 3], Search(index, "\"send the resume\"").Order());
    }

    [Fact]
    public void An_acronym_ranks_before_the_stop_word()
    {
        using var index = _fixture.Open();
        index.Add([Doc(1, "it is what it is and it was"), Doc(2, "the IT staff")]);
        index.Refresh();

        Assert.Equal(2, Search(index, "IT")[0]);
        Assert.Equal([2], Search(index, "IT staff"));
        Assert.Equal([1, 2], Search(index, "it").Order());
    }

    [Fact]
    public void Stop_words_that_are_the_whole_query_are_looked_for_in_their_order()
    {
        using var index = _fixture.Open();
        index.Add([Doc(1, "it is to be or it is not, and to be is to be"), Doc(2, "whether to be or not to be"), Doc(3, "other words")]);
        index.Refresh();

        Assert.Equal(2, Search(index, "to be or not to be")[0]);
        // Beside other words they count nothing.
        Assert.Equal([3], Search(index, "to be or other"));
    }

    [Fact]
    public void Words_that_only_ask_count_nothing_beside_others()
    {
        using var index = _fixture.Open();
        index.Add([Doc(1, "why people ask why, and how they do it"), Doc(2, "sailors eat fruit"), Doc(3, "the WHO counts")]);
        index.Refresh();

        Assert.Equal([2], Search(index, "Why do sailors eat what they should eat?"));
        Assert.Equal([1], Search(index, "why"));
        Assert.Equal([1], Search(index, "how do"));
        // A name in capitals is none of them.
        Assert.Equal([2, 3], Search(index, "fruit of the WHO").Order());
    }

    [Theory]
    [InlineData("german.2", "die Häuser der Stadt", "Haus")]
    [InlineData("french.2", "les chevaux de l\u2019avenue", "cheval")]
    [InlineData("french.2", "les chevaux de l\u2019avenue", "avenue")]
    [InlineData("spanish.2", "las ciudades blancas", "ciudad")]
    [InlineData("russian.2", "новые книги", "книга")]
    [InlineData("simple.2", "plain words", "WORDS")]
    public void Languages_stem_their_words(string analyzer, string text, string query)
    {
        using var index = _fixture.Open(Schema with { Analyzer = analyzer });
        index.Add([Doc(1, text), Doc(2, "xyz")]);
        index.Refresh();

        Assert.Equal([1], Search(index, query));
    }

    [Fact]
    public void An_index_keeps_the_analyzer_it_was_made_with()
    {
        using (var index = _fixture.Open(Schema with { Analyzer = "english" }))
        {
            index.Add([Doc(1, "a wi-fi router and crème"), Doc(2, "the of")]);
            index.Commit(new Dictionary<string, string>());
        }

        using (var index = _fixture.Open(Schema with { Analyzer = "english" }))
        {
            Assert.Empty(Search(index, "the of"));
            Assert.Empty(Search(index, "wifi"));
            Assert.Empty(Search(index, "creme"));
            Assert.Equal([1], Search(index, "routers"));
            Assert.Equal("rutor", index.Correct("rutor").Text);
            Assert.Empty(index.Suggest("rou"));
        }

        Assert.Contains("analyzer 'english'", Assert.Throws<LexicalIndexException>(() => _fixture.Open()).Message);
    }
}
