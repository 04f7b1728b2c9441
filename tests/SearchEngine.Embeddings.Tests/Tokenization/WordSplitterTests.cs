using SearchEngine.Embeddings.Tokenization;
using Xunit;

namespace SearchEngine.Embeddings.Tests.Tokenization;

/// <summary>The scanners against the regular expressions they stand for.</summary>
public class WordSplitterTests
{
    [Theory]
    [InlineData(WordSplitter.Gpt2Pattern)]
    [InlineData(WordSplitter.Llama3Pattern)]
    [InlineData(WordSplitter.Qwen2Pattern)]
    public void Scanner_equals_its_pattern(string pattern)
    {
        PatternSplitter expression = new(new CodePointRegex(pattern), SplitBehavior.Isolated, invert: false);
        var scanner = WordSplitter.ForPattern(pattern)!;
        const int Seed = 20240417;
        Random random = new(Seed);
        for (var i = 0; i < 4000; i++)
        {
            var text = TokenizerFixtures.NastyText(random);
            Assert.Equal($"seed {Seed}, {i}: " + Pieces(expression, text), $"seed {Seed}, {i}: " + Pieces(scanner, text));
        }
    }

    [Theory]
    [InlineData(SplitBehavior.Removed, "the|final|countdown")]
    [InlineData(SplitBehavior.Isolated, "the|-|final|-|-|countdown")]
    [InlineData(SplitBehavior.MergedWithPrevious, "the-|final-|-|countdown")]
    [InlineData(SplitBehavior.MergedWithNext, "the|-final|-|-countdown")]
    [InlineData(SplitBehavior.Contiguous, "the|-|final|--|countdown")]
    public void Behaviours_are_those_of_the_format(object behavior, string expected) =>
        Assert.Equal(
            expected,
            Pieces(new PatternSplitter(new CodePointRegex("-"), (SplitBehavior)behavior, invert: false), "the-final--countdown")
        );

    [Fact]
    public void Characters_outside_the_basic_plane_have_their_class()
    {
        // A mathematical letter, an emoji (the one character that may stand before letters), Han of extension B, a mathematical digit.
        Assert.Equal("𝐀b|😀𠮷c|𝟘", Pieces(WordSplitter.Qwen2, "𝐀b😀𠮷c𝟘"));
        Assert.Equal("𝐀b| 𐍈", Pieces(WordSplitter.Gpt2, "𝐀b 𐍈"));
    }

    private static string Pieces(PieceSplitter splitter, string text)
    {
        PooledBuffer<TextPiece> pieces = new(16);
        splitter.Split(text, ref pieces);
        var result = string.Join('|', pieces.Span.ToArray().Select(piece => text.Substring(piece.Start, piece.Length)));
        pieces.Dispose();
        return result;
    }
}
