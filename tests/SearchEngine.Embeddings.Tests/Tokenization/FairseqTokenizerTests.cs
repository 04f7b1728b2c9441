using Xunit;

namespace SearchEngine.Embeddings.Tests.Tokenization;

/// <summary>XLM-RoBERTa's sentencepiece.bpe.model: SentencePiece's pieces under fairseq's ids.</summary>
public class FairseqTokenizerTests
{
    [Fact]
    public void Ids_are_the_pieces_moved_by_one_with_four_tokens_in_front()
    {
        var content = File.ReadAllBytes(Path.Combine(TokenizerFixtures.Folder, "unigram-symbols.model"));
        var plain = TokenizerFixtures.LoadFolder(("tokenizer.model", content));
        var fairseq = TokenizerFixtures.LoadFolder(
            ("sentencepiece.bpe.model", content),
            ("config.json", """{"model_type": "xlm-roberta"}"""u8.ToArray())
        );
        const int Seed = 6;
        Random random = new(Seed);
        for (var i = 0; i < 500; i++)
        {
            var text = TokenizerFixtures.NastyText(random);
            Assert.Equal(
                [0, .. plain.EncodeOrdinary(text).Select(id => id == plain.UnkId ? 3 : id + 1), 2],
                fairseq.Encode(text, int.MaxValue).Ids
            );
        }
        Assert.Equal(plain.VocabularySize + 2, fairseq.VocabularySize);
        Assert.Equal((1, 3, plain.VocabularySize + 1), (fairseq.PadId, fairseq.UnkId, fairseq.MaskId));
        Assert.Equal("the quick query", fairseq.Decode(fairseq.Encode("the quick query", 50).Ids));
    }

    [Fact]
    public void Another_models_file_is_refused_by_name()
    {
        var content = File.ReadAllBytes(Path.Combine(TokenizerFixtures.Folder, "unigram-symbols.model"));
        Assert.Contains(
            "camembert",
            Assert
                .Throws<ModelFormatException>(() =>
                    TokenizerFixtures.LoadFolder(
                        ("sentencepiece.bpe.model", content),
                        ("config.json", """{"model_type": "camembert"}"""u8.ToArray())
                    )
                )
                .Message,
            StringComparison.Ordinal
        );
    }
}
