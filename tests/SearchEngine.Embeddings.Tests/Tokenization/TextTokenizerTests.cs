using System.Text;
using Xunit;

namespace SearchEngine.Embeddings.Tests.Tokenization;

/// <summary>What holds for every kind of tokenizer.</summary>
public class TextTokenizerTests
{
    private static readonly Lazy<TextTokenizer[]> All = new(() =>
        [
            TokenizerFixtures.Load(Path.Combine(TokenizerFixtures.Folder, "bpe-bytes.model")),
            TokenizerFixtures.Load(Path.Combine(TokenizerFixtures.Folder, "bpe-symbols.model")),
            TokenizerFixtures.Load(Path.Combine(TokenizerFixtures.Folder, "bpe-across.model")),
            TokenizerFixtures.Load(Path.Combine(TokenizerFixtures.Folder, "unigram-bytes.model")),
            TokenizerFixtures.Load(Path.Combine(TokenizerFixtures.Folder, "unigram-symbols.model")),
            ToyBpe.Load(new ToyBpe(WordSplitter.Qwen2Pattern, mergeCount: 150).Json()),
            ToyBpe.Load(TokenizerJsonTests.SentencePieceJson(metaspace: false)),
        ]
    );

    [Fact]
    public void Truncated_ids_are_the_first_of_the_whole()
    {
        Random random = new(5);
        foreach (var tokenizer in All.Value)
        {
            for (var i = 0; i < 100; i++)
            {
                var text = TokenizerFixtures.NastyText(random, 400);
                var before = tokenizer.Template.Before.Length;
                var whole = tokenizer.Encode(text, int.MaxValue).Ids;
                var maximum = tokenizer.Template.Length + random.Next(1, 100);
                var cut = tokenizer.Encode(text, maximum);
                var expected =
                    whole.Length <= maximum
                        ? whole
                        : [.. whole[..(maximum - tokenizer.Template.After.Length)], .. tokenizer.Template.After];
                Assert.Equal(expected, cut.Ids);
                Assert.Equal((before, expected.Length - tokenizer.Template.After.Length), (cut.TextStart, cut.TextEnd));
            }
        }
    }

    [Fact]
    public void Empty_text_and_lone_surrogates_are_legal()
    {
        foreach (var tokenizer in All.Value)
        {
            Assert.Empty(tokenizer.EncodeOrdinary(""));
            var empty = tokenizer.Encode("", 8);
            Assert.Equal([.. tokenizer.Template.Before, .. tokenizer.Template.After], empty.Ids);
            Assert.Equal(empty.TextStart, empty.TextEnd);
            Assert.Equal(tokenizer.EncodeOrdinary("a\uFFFDb\uFFFD"), tokenizer.EncodeOrdinary("a\uD83Db\uDE00"));
            Assert.Equal("", tokenizer.Decode([]));
            Assert.Equal("", tokenizer.Decode([-1, int.MaxValue]));
        }
    }

    [Fact]
    public void Threads_may_share_a_tokenizer()
    {
        Random random = new(12);
        string[] texts = [.. Enumerable.Range(0, 300).Select(_ => TokenizerFixtures.NastyText(random, 120))];
        foreach (var tokenizer in All.Value)
        {
            int[][] expected = [.. texts.Select(text => tokenizer.EncodeOrdinary(text).ToArray())];
            Parallel.For(
                0,
                8,
                new ParallelOptions { MaxDegreeOfParallelism = 8 },
                worker =>
                {
                    for (var i = 0; i < texts.Length; i++)
                    {
                        var place = (i * 7 + worker * 31) % texts.Length;
                        Assert.Equal(expected[place], tokenizer.EncodeOrdinary(texts[place]));
                    }
                }
            );
        }
    }

    /// <summary>A quadratic algorithm would take minutes here.</summary>
    [Fact]
    public void Long_texts_without_spaces_are_no_trouble()
    {
        string[] texts =
        [
            new string('a', 100_000),
            new string(' ', 100_000),
            string.Concat(Enumerable.Repeat("日本語", 40_000)),
            string.Concat(Enumerable.Repeat("😀", 30_000)),
            string.Concat(Enumerable.Repeat("abcab", 20_000)),
            new string('\n', 50_000),
            new string('\'', 50_000),
        ];
        foreach (var tokenizer in All.Value)
        {
            foreach (var text in texts)
            {
                var ids = tokenizer.EncodeOrdinary(text);
                Assert.Equal(ids.Count, tokenizer.CountTokens(text));
            }
        }
        var lossless = All.Value[0];
        foreach (var text in texts)
            Assert.Equal(text, lossless.Decode(lossless.EncodeOrdinary(text)));
    }

    [Fact]
    public void Token_texts_and_ids_correspond()
    {
        foreach (var tokenizer in All.Value)
        {
            var found = 0;
            for (var id = 0; id < tokenizer.VocabularySize; id++)
            {
                if (tokenizer.TokenId(tokenizer.TokenText(id)) == id)
                    found++;
            }
            Assert.Equal(tokenizer.VocabularySize, found);
            Assert.Null(tokenizer.TokenId("no such token"));
        }
    }

    [Fact]
    public void Folders_without_a_tokenizer_are_refused()
    {
        Assert.Contains(
            "no tokenizer",
            Assert.Throws<ModelFormatException>(() => TokenizerFixtures.LoadFolder(("config.json", "{}"u8.ToArray()))).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ModelFormatException>(() => TextTokenizer.Load(Path.Combine(Path.GetTempPath(), "no-such-folder-of-a-model")));
        var model = File.ReadAllBytes(Path.Combine(TokenizerFixtures.Folder, "bpe-bytes.model"));
        var error = Assert.Throws<ModelFormatException>(() =>
            TokenizerFixtures.LoadFolder(("tokenizer.model", model), ("config.json", """{"vocab_size": 1000}"""u8.ToArray()))
        );
        Assert.Contains("2000 tokens", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ModelFormatException>(() =>
            TokenizerFixtures.LoadFolder(("tokenizer.model", model), ("tokenizer_config.json", "[]"u8.ToArray()))
        );
        Assert.EndsWith("tokenizer_config.json", error.Path, StringComparison.Ordinal);
    }

    /// <summary>Whatever the bytes, loading either works or raises the one exception.</summary>
    [Theory]
    [InlineData("tokenizer.model", 200)]
    [InlineData("tokenizer.json", 150)]
    [InlineData("toy.tiktoken", 150)]
    public void Damaged_files_raise_the_one_exception(string name, int rounds)
    {
        const int Seed = 4711;
        Random random = new(Seed);
        var good = name switch
        {
            "tokenizer.model" => File.ReadAllBytes(Path.Combine(TokenizerFixtures.Folder, "unigram-symbols.model")),
            "tokenizer.json" => Encoding.UTF8.GetBytes(new ToyBpe(WordSplitter.Gpt2Pattern, mergeCount: 20).Json().ToJsonString()),
            _ => Encoding.UTF8.GetBytes(new ToyBpe(WordSplitter.Gpt2Pattern, mergeCount: 20).Tiktoken()),
        };
        var refused = 0;
        for (var round = 0; round < rounds; round++)
        {
            var bad = (byte[])good.Clone();
            if (round % 4 == 0)
                bad = bad[..random.Next(bad.Length)];
            for (var i = random.Next(1, 20); i > 0 && bad.Length > 0; i--)
                bad[random.Next(Math.Min(bad.Length, round % 2 == 0 ? 400 : bad.Length))] = (byte)random.Next(256);
            try
            {
                var tokenizer = TokenizerFixtures.LoadFolder((name, bad), ("config.json", """{"model_type": "gpt2"}"""u8.ToArray()));
                tokenizer.EncodeOrdinary(TokenizerFixtures.NastyText(random));
            }
            catch (ModelFormatException)
            {
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {Seed}, round {round}: {e}");
            }
        }
        Assert.True(refused > rounds / 4, $"only {refused} of {rounds} damaged files were refused");
    }

    [Fact]
    public void Absurdly_long_tokens_are_refused()
    {
        var text = Encoding.UTF8.GetBytes(new string('a', 300_000));
        byte[] piece = [0x0A, .. Varint(text.Length), .. text];
        byte[] model = [0x0A, .. Varint(piece.Length), .. piece];
        Assert.Contains(
            "300000 characters",
            Assert.Throws<ModelFormatException>(() => TokenizerFixtures.LoadFolder(("tokenizer.model", model))).Message,
            StringComparison.Ordinal
        );
        var line = Encoding.UTF8.GetBytes($"{Convert.ToBase64String(text)} 0\n");
        Assert.Contains(
            "line 1",
            Assert.Throws<ModelFormatException>(() => TokenizerFixtures.LoadFolder(("a.tiktoken", line))).Message,
            StringComparison.Ordinal
        );

        static byte[] Varint(int value)
        {
            List<byte> bytes = [];
            for (; value >= 0x80; value >>= 7)
                bytes.Add((byte)(value | 0x80));
            return [.. bytes, (byte)value];
        }
    }

    [Fact]
    public void Merging_by_heap_equals_merging_step_by_step()
    {
        const int Seed = 31;
        Random random = new(Seed);
        for (var round = 0; round < 60; round++)
        {
            List<MergeRule> rules = [];
            var symbols = 4;
            for (var rank = 0; rank < 40; rank++)
                rules.Add(new MergeRule(random.Next(symbols), random.Next(symbols), rank / 2, symbols++));
            MergeTable table = new(rules);
            int[] input = [.. Enumerable.Range(0, random.Next(1, 400)).Select(_ => random.Next(4))];
            List<int> expected = [.. input];
            while (true)
            {
                int best = MergeTable.NoRank,
                    place = -1,
                    result = 0;
                for (var i = 0; i + 1 < expected.Count; i++)
                {
                    var rank = table.Rank(expected[i], expected[i + 1], out var merged);
                    if (rank < best)
                        (best, place, result) = (rank, i, merged);
                }
                if (place < 0)
                    break;
                expected[place] = result;
                expected.RemoveAt(place + 1);
            }
            var count = new PairMerger(table).Merge(input);
            Assert.Equal(expected, input[..count]);
        }
    }
}
