using Xunit;

namespace SearchEngine.Embeddings.Tests.Tokenization;

/// <summary>
/// Ids equal to SentencePiece's own (its `spm_encode`, version 0.1.97) on random and nasty texts, for models of both kinds that were
/// trained for these tests; Fixtures/README.md has the commands.
/// </summary>
public class SentencePieceTests
{
    [Theory]
    [InlineData("bpe-bytes")]
    [InlineData("bpe-symbols")]
    [InlineData("bpe-across")]
    [InlineData("unigram-bytes")]
    [InlineData("unigram-symbols")]
    public void Ids_equal_those_of_spm_encode(string model) => Compare(TokenizerFixtures.Folder, model);

    /// <summary>
    /// The same for any folder of NAME.model, NAME.ids and texts.txt, named by SEARCHENGINE_SPM_CASES: how vocabularies that may not be
    /// shipped (Llama-2, Mistral) are checked.
    /// </summary>
    [Fact(Explicit = true)]
    public void Ids_equal_those_of_spm_encode_for_a_folder_of_cases()
    {
        var folder =
            Environment.GetEnvironmentVariable("SEARCHENGINE_SPM_CASES")
            ?? throw new InvalidOperationException("Set SEARCHENGINE_SPM_CASES to a folder.");
        List<string> faults = [];
        foreach (var model in Directory.GetFiles(folder, "*.model").Order())
        {
            try
            {
                Compare(folder, Path.GetFileNameWithoutExtension(model));
            }
            catch (Exception e)
            {
                faults.Add($"{Path.GetFileName(model)}: {e.Message}");
            }
        }
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Theory]
    [InlineData("bpe-bytes", "Sentences, decoded  again: 日本 ½ 😀", "Sentences, decoded  again: 日本 ½ 😀")]
    [InlineData("unigram-bytes", " Full  ＷＩＤＴＨ  and spaces ", "Full WIDTH and spaces")]
    [InlineData("bpe-across", "no prefix here", "no prefix here")]
    public void Decoding_gives_the_normalised_text(string model, string text, string expected)
    {
        var tokenizer = Load(model);
        Assert.Equal(expected, tokenizer.Decode(tokenizer.Encode(text, 512).Ids));
    }

    [Fact]
    public void Template_follows_the_configuration()
    {
        var plain = Load("bpe-bytes");
        Assert.Equal([1], plain.Encode("", 4).Ids);
        Assert.Equal((1, 2, 0), (plain.BosId, plain.EosId, plain.UnkId));
        var both = Load(
            "bpe-bytes",
            ("tokenizer_config.json", """{"add_bos_token": true, "add_eos_token": true, "pad_token": {"content": "</s>"}}""")
        );
        var ids = both.Encode("one text", 512).Ids;
        Assert.Equal((1, 2, 2), (ids[0], ids[^1], both.PadId));
        Assert.Equal(both.EncodeOrdinary("one text"), ids[1..^1]);
        var none = Load("bpe-bytes", ("tokenizer_config.json", """{"add_bos_token": false}"""));
        Assert.Equal(none.EncodeOrdinary("one text"), none.Encode("one text", 512).Ids);
    }

    [Fact]
    public void Added_tokens_extend_the_vocabulary()
    {
        var tokenizer = Load(
            "bpe-bytes",
            ("added_tokens.json", """{"[PAD]": 2000, "[MASK]": 2001}"""),
            ("special_tokens_map.json", """{"pad_token": "[PAD]", "mask_token": "[MASK]"}""")
        );
        Assert.Equal((2002, 2000, 2001), (tokenizer.VocabularySize, tokenizer.PadId, tokenizer.MaskId));
        Assert.True(tokenizer.IsSpecial(2001));
        Assert.Equal("[MASK]", tokenizer.TokenText(2001));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.TokenText(2002));
    }

    [Fact]
    public void Truncation_cuts_the_text_and_never_the_template()
    {
        var tokenizer = Load("unigram-bytes", ("tokenizer_config.json", """{"add_bos_token": true, "add_eos_token": true}"""));
        var text = string.Concat(Enumerable.Repeat("Retrieval of passages about enzymes. ", 50));
        var whole = tokenizer.Encode(text, 100_000).Ids;
        for (var maximum = 3; maximum < 60; maximum++)
        {
            var cut = tokenizer.Encode(text, maximum);
            Assert.Equal([.. whole[..(maximum - 1)], whole[^1]], cut.Ids);
            Assert.Equal((1, maximum - 1), (cut.TextStart, cut.TextEnd));
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Encode(text, 2));
    }

    [Fact]
    public void Prefix_is_told_from_the_text()
    {
        var tokenizer = Load("bpe-bytes", ("tokenizer_config.json", """{"add_bos_token": true, "add_eos_token": true}"""));
        const string Prefix = "Given a question, retrieve passages: ";
        var text = string.Concat(Enumerable.Repeat("what does an enzyme do? ", 20));
        var textCount = tokenizer.CountTokens(text);
        var joined = tokenizer.Encode(Prefix, text, 1000);
        Assert.Equal([1, .. tokenizer.EncodeOrdinary(Prefix + text), 2], joined.Ids);
        Assert.Equal((joined.Ids.Length - 1 - textCount, joined.Ids.Length - 1), (joined.TextStart, joined.TextEnd));
        var cut = tokenizer.Encode(Prefix, text, 40);
        Assert.Equal(40, cut.Ids.Length);
        Assert.Equal(joined.TextStart, cut.TextStart);
        Assert.Equal(39, cut.TextEnd);
        var empty = tokenizer.Encode(Prefix, "", 40);
        Assert.Equal(empty.TextStart, empty.TextEnd);
        Assert.Throws<ArgumentException>(() => tokenizer.Encode(Prefix, text, joined.TextStart + 1));
    }

    [Fact]
    public void Fingerprint_tells_vocabularies_and_templates_apart()
    {
        HashSet<string> seen = [];
        Assert.True(seen.Add(Load("bpe-bytes").Fingerprint));
        Assert.True(seen.Add(Load("bpe-symbols").Fingerprint));
        Assert.True(seen.Add(Load("bpe-bytes", ("tokenizer_config.json", """{"add_bos_token": false}""")).Fingerprint));
        Assert.False(seen.Add(Load("bpe-bytes").Fingerprint));
    }

    private static TextTokenizer Load(string model, params (string, string)[] files) =>
        TokenizerFixtures.Load(Path.Combine(TokenizerFixtures.Folder, model + ".model"), files);

    private static void Compare(string folder, string model)
    {
        var texts = TokenizerFixtures.Lines(Path.Combine(folder, "texts.txt"));
        var expected = TokenizerFixtures.Ids(Path.Combine(folder, model + ".ids"));
        Assert.Equal(texts.Length, expected.Length);
        var tokenizer = TokenizerFixtures.Load(Path.Combine(folder, model + ".model"));
        var different = 0;
        var first = "";
        for (var i = 0; i < texts.Length; i++)
        {
            var actual = tokenizer.EncodeOrdinary(texts[i]);
            if (!actual.SequenceEqual(expected[i]) && different++ < 4)
            {
                first +=
                    $"\nline {i + 1} {System.Text.Json.JsonSerializer.Serialize(texts[i])}\n  expected {string.Join(' ', expected[i])}\n  actual   {string.Join(' ', actual)}";
            }
        }
        Assert.True(different == 0, $"{different} of {texts.Length} texts differ:{first}");
    }
}
