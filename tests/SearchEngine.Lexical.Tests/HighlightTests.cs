using CsCheck;
using static SearchEngine.Lexical.Tests.IndexFixture;

namespace SearchEngine.Lexical.Tests;

public sealed class HighlightTests : IDisposable
{
    private readonly IndexFixture _fixture = new();
    private readonly LexicalIndex _index;

    public HighlightTests()
    {
        _index = _fixture.Open();
        _index.Add([Doc(1, "common common words"), Doc(2, "common rare things"), Doc(3, "common")]);
        _index.Refresh();
    }

    public void Dispose()
    {
        _index.Dispose();
        _fixture.Dispose();
    }

    private static IEnumerable<string> Marked(LexicalSnippet snippet) =>
        snippet.Matches.Select(m => snippet.Text.Substring(m.Start, m.Length));

    [Fact]
    public void Marks_inflected_words()
    {
        var snippet = _index.Highlight(
            "The rarest thing, and Things' ends.",
            new LexicalQuery { Text = "\"rare things\" -ends", Syntax = LexicalSyntax.Operators }
        );

        Assert.Equal(["thing", "Things"], Marked(snippet));
        Assert.Equal("The rarest thing, and Things' ends.", snippet.Text);
        Assert.False(snippet.IsCutBefore || snippet.IsCutAfter);
    }

    [Fact]
    public void Prefers_the_window_with_rare_words_and_cuts_at_words()
    {
        var filler = string.Join(' ', Enumerable.Range(0, 100).Select(i => $"filler{i}"));
        var text = $"common common words {filler} common rare finding {filler} common {filler}";

        var snippet = _index.Highlight(text, new LexicalQuery { Text = "common rare" }, maxLength: 100);

        Assert.Equal(["common", "rare"], Marked(snippet));
        Assert.InRange(snippet.Text.Length, 60, 100);
        Assert.True(snippet.IsCutBefore && snippet.IsCutAfter);
        Assert.Equal(snippet.Text, text.Substring(snippet.Start, snippet.Text.Length));
        Assert.True(char.IsWhiteSpace(text[snippet.Start - 1]) && char.IsWhiteSpace(text[snippet.Start + snippet.Text.Length]));
    }

    [Fact]
    public void Without_a_match_the_beginning_is_shown()
    {
        var snippet = _index.Highlight("  One two three four five six seven", new LexicalQuery { Text = "absent" }, maxLength: 20);

        Assert.Equal(("One two three four", 2, false, true), (snippet.Text, snippet.Start, snippet.IsCutBefore, snippet.IsCutAfter));
        Assert.Empty(snippet.Matches);
        Assert.Equal("", _index.Highlight("", new LexicalQuery { Text = "common" }).Text);
    }

    [Fact]
    public void Any_text_gives_a_well_formed_snippet()
    {
        var word = Gen.OneOf(Gen.OneOf("common", "rare", "Words", "\U0001F600", "rare-words", "\n\n", "  "), Gen.String[0, 30]);
        Gen.Select(word.List[0, 60], Gen.Int[20, 120])
            .Sample(
                (words, length) =>
                {
                    var text = string.Join(' ', words);
                    var snippet = _index.Highlight(text, new LexicalQuery { Text = "common rare words" }, length);
                    Assert.True(snippet.Text.Length <= length);
                    Assert.Equal(snippet.Text, text.Substring(snippet.Start, snippet.Text.Length));
                    var end = 0;
                    foreach (var span in snippet.Matches)
                    {
                        Assert.True(span.Start >= end && span.Length > 0);
                        end = span.Start + span.Length;
                        Assert.True(end <= snippet.Text.Length);
                    }
                },
                iter: 2000,
                seed: "0000KLR7q9Fb"
            );
    }
}
