using static SearchEngine.Lexical.Tests.IndexFixture;

namespace SearchEngine.Lexical.Tests;

/// <summary>Prose is never a query language; the query language is one when asked for.</summary>
public sealed class SyntaxTests : IDisposable
{
    private readonly IndexFixture _fixture = new();
    private readonly LexicalIndex _index;

    public SyntaxTests()
    {
        _index = _fixture.Open();
        _index.Add([
            Doc(1, "nucleosomes at the start are destabilized", "Histones", tag: "biology", year: 1999),
            Doc(2, "a black hole in space", "Gravity", tag: "physics", year: 2005),
            Doc(3, "the hole was black", "Roads", tag: "traffic", year: 2010),
            Doc(4, "gravity and histones are words here", "Words", tag: "physics", year: 2015),
        ]);
        _index.Refresh();
    }

    public void Dispose()
    {
        _index.Dispose();
        _fixture.Dispose();
    }

    [Theory]
    [InlineData("destabilizing +1 nucleosomes", 1)]
    [InlineData("nucleosomes -destabilized title:nothing", 1)]
    [InlineData("NOT nucleosomes AND (destabilized", 1)]
    [InlineData("the \"nucleosomes\" that are said to be \"destabilized at once\" by it all", 1)]
    [InlineData("nucleosomes \"destabilized", 1)]
    [InlineData("year:[1999 TO nucleosomes]", 1)]
    public void Prose_has_no_operators(string text, int expected) => Assert.Equal(expected, Search(_index, text)[0]);

    [Theory]
    [InlineData("\"black hole\"", new[] { 2 })]
    [InlineData("\"black hole\" space", new[] { 2 })]
    [InlineData("(\"hole was black\")", new[] { 3 })]
    [InlineData("space \"black hole\"", new[] { 2 })]
    [InlineData("one two three \"hole black\"", new int[0])]
    public void Balanced_quotes_of_a_short_query_are_phrases(string text, int[] expected) => Assert.Equal(expected, Search(_index, text));

    [Theory]
    [InlineData("one two three four \"hole black\"")]
    [InlineData("5\"hole black\"")]
    [InlineData("\"hole black\"s")]
    [InlineData("hole\" black")]
    [InlineData("\"\" hole black")]
    public void Quotes_of_a_sentence_or_within_words_are_no_phrases(string text) => Assert.Equal([2, 3], Search(_index, text).Order());

    [Theory]
    [InlineData("+black +space", new[] { 2 })]
    [InlineData("hole -space", new[] { 3 })]
    [InlineData("black AND space", new[] { 2 })]
    [InlineData("hole NOT space", new[] { 3 })]
    [InlineData("hole AND NOT space", new[] { 3 })]
    [InlineData("nucleosomes OR space", new[] { 1, 2 })]
    [InlineData("title:gravity", new[] { 2 })]
    [InlineData("text:gravity", new[] { 4 })]
    [InlineData("text:\"black hole\"", new[] { 2 })]
    [InlineData("hole year:>2005", new[] { 3 })]
    [InlineData("hole year:>=2005", new[] { 2, 3 })]
    [InlineData("hole year:[2000 TO 2005]", new[] { 2 })]
    [InlineData("hole year:{2005 TO *]", new[] { 3 })]
    [InlineData("hole year:[* TO *]", new[] { 2, 3 })]
    [InlineData("hole tag:physics", new[] { 2 })]
    [InlineData("hole -tag:physics", new[] { 3 })]
    [InlineData("tag:physics AND words", new[] { 4 })]
    [InlineData("nofield:hole", new[] { 2, 3 })]
    public void Operators_work_when_asked_for(string text, int[] expected) =>
        Assert.Equal(
            expected,
            _index.Search(new LexicalQuery { Text = text, Syntax = LexicalSyntax.Operators }).Select(h => h.Ordinal).Order()
        );

    [Theory]
    [InlineData("hole year:soon", "'soon' is no value of field 'year'")]
    [InlineData("hole year:[1 2]", "[low TO high]")]
    [InlineData("hole tag:", null)]
    public void A_value_that_is_none_is_named(string text, string? message)
    {
        var query = new LexicalQuery { Text = text, Syntax = LexicalSyntax.Operators };
        if (message is null)
            Assert.Equal([2, 3], _index.Search(query).Select(h => h.Ordinal).Order());
        else
            Assert.Contains(message, Assert.Throws<ArgumentException>(() => _index.Search(query)).Message);
    }

    [Fact]
    public void Punctuation_changes_nothing_in_prose()
    {
        foreach (
            var text in new[]
            {
                "Is a hole, in space: black?",
                "(gravity) & \"histones\" are; words -- here!",
                "nucleosomes (+1) / space *",
            }
        )
        {
            var plain = new string([.. text.Select(c => char.IsLetterOrDigit(c) ? c : ' ')]);
            Assert.Equal(_index.Search(new LexicalQuery { Text = plain }), _index.Search(new LexicalQuery { Text = text }));
        }
    }
}
