using System.Buffers;
using Microsoft.ML.Tokenizers;
using Xunit;

namespace SearchEngine.Embeddings.Tests.Tokenization;

public class ModelTokenizerTests
{
    private static readonly Lazy<TextTokenizer> ByteLevel = new(() =>
        ToyBpe.Load(new ToyBpe(WordSplitter.Gpt2Pattern, mergeCount: 150).Json())
    );
    private static readonly Lazy<TextTokenizer> SentencePiece = new(() =>
        TokenizerFixtures.Load(Path.Combine(TokenizerFixtures.Folder, "bpe-bytes.model"))
    );

    [Fact]
    public void Ids_counts_and_text_are_those_of_the_model()
    {
        Random random = new(99);
        foreach (var inner in new[] { ByteLevel.Value, SentencePiece.Value })
        {
            Tokenizer tokenizer = new ModelTokenizer(inner);
            for (var i = 0; i < 200; i++)
            {
                var text = TokenizerFixtures.NastyText(random);
                var ids = inner.EncodeOrdinary(text);
                Assert.Equal(ids, tokenizer.EncodeToIds(text));
                Assert.Equal(ids.Count, tokenizer.CountTokens(text));
                Assert.Equal(inner.Decode(ids), tokenizer.Decode(ids));
                var tokens = tokenizer.EncodeToTokens(text, out var normalized);
                Assert.Equal(string.Concat(tokens.Select(token => normalized![token.Offset])), normalized);
            }
        }
        string? same;
        new ModelTokenizer(ByteLevel.Value).EncodeToTokens("spelt  as it was 日本", out same);
        Assert.Equal("spelt  as it was 日本", same);
    }

    [Fact]
    public void Cuts_by_token_count_keep_characters_whole()
    {
        Tokenizer tokenizer = new ModelTokenizer(ByteLevel.Value);
        const string Text = "Some 日本 text 😀😀 and more";
        var total = tokenizer.CountTokens(Text);
        for (var maximum = 1; maximum <= total + 1; maximum++)
        {
            var index = tokenizer.GetIndexByTokenCount(Text, maximum, out var normalized, out var count);
            Assert.True(count <= maximum);
            Assert.Equal(count, tokenizer.EncodeToIds(Text, maximum, out _, out var consumed).Count);
            Assert.Equal(index, consumed);
            Assert.DoesNotContain('\uFFFD', normalized![..index]);
            Assert.False(index < Text.Length && char.IsLowSurrogate(Text[index]));
            var tail = tokenizer.GetIndexByTokenCountFromEnd(Text, maximum, out _, out var tailCount);
            Assert.True(tailCount <= maximum);
            Assert.False(tail < Text.Length && char.IsLowSurrogate(Text[tail]));
            Assert.Equal(tail == 0, tailCount == total);
        }
    }

    [Fact]
    public void Decoding_into_a_span_stops_at_its_end()
    {
        Tokenizer tokenizer = new ModelTokenizer(ByteLevel.Value);
        var ids = tokenizer.EncodeToIds("the text of a span");
        Span<char> large = new char[100],
            small = new char[7];
        Assert.Equal(OperationStatus.Done, tokenizer.Decode(ids, large, out var consumed, out var written));
        Assert.Equal((ids.Count, "the text of a span"), (consumed, large[..written].ToString()));
        Assert.Equal(OperationStatus.DestinationTooSmall, tokenizer.Decode(ids, small, out consumed, out written));
        Assert.Equal(tokenizer.Decode(ids.Take(consumed)), small[..written].ToString());
        Assert.True(consumed > 0 && written <= 7);
    }
}
