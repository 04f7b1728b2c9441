using System.Text;
using System.Text.Json;
using Xunit;

namespace SearchEngine.Embeddings.Tests.Tokenization;

/// <summary>BERT's tokenizer, from vocab.txt and from tokenizer.json, against Hugging Face's own library.</summary>
public class BertTokenizerTests
{
    private const int Seed = 4;

    [Theory]
    [InlineData(true, null, true)]
    [InlineData(false, null, true)]
    [InlineData(true, false, true)]
    [InlineData(false, true, false)]
    public void Ids_are_those_of_the_reference(bool lowercase, bool? stripAccents, bool separateHan)
    {
        var vocabulary = Vocabulary();
        var json = TokenizerOracle.BertJson(vocabulary, lowercase, stripAccents, separateHan).ToJsonString();
        using TokenizerOracle oracle = new(json);
        var fromJson = TokenizerFixtures.LoadFolder(("tokenizer.json", Encoding.UTF8.GetBytes(json)));
        var fromWords = TokenizerFixtures.LoadFolder(
            ("vocab.txt", Encoding.UTF8.GetBytes(string.Join('\n', vocabulary) + "\n")),
            (
                "tokenizer_config.json",
                JsonSerializer.SerializeToUtf8Bytes(
                    new
                    {
                        do_lower_case = lowercase,
                        strip_accents = stripAccents,
                        tokenize_chinese_chars = separateHan,
                    }
                )
            )
        );
        foreach (var text in Texts(1500))
        {
            var wanted = oracle.Encode(text);
            foreach (var tokenizer in new[] { fromJson, fromWords })
            {
                if (!tokenizer.Encode(text, int.MaxValue).Ids.SequenceEqual(wanted))
                {
                    Assert.Fail(
                        $"seed {Seed}, {(ReferenceEquals(tokenizer, fromJson) ? "tokenizer.json" : "vocab.txt")}, {JsonSerializer.Serialize(text)}\n"
                            + $"  expected {string.Join(' ', wanted)}\n  actual   {string.Join(' ', tokenizer.Encode(text, int.MaxValue).Ids)}"
                    );
                }
            }
        }
    }

    [Fact]
    public void Decoding_joins_what_continues_a_word()
    {
        var tokenizer = TokenizerFixtures.LoadFolder(("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nplay\n##ing\nchess\n"u8.ToArray()));
        var encoded = tokenizer.Encode("Playing CHESS", 10);
        Assert.Equal([2, 5, 6, 7, 3], encoded.Ids);
        Assert.Equal("playing chess", tokenizer.Decode(encoded.Ids));
        Assert.Equal(4, tokenizer.MaskId);
    }

    [Fact]
    public void A_vocabulary_without_a_needed_token_is_refused()
    {
        var fault = Assert.Throws<ModelFormatException>(() =>
            TokenizerFixtures.LoadFolder(("vocab.txt", "[PAD]\n[UNK]\n[CLS]\na\n"u8.ToArray()))
        );
        Assert.Contains("[SEP]", fault.Message, StringComparison.Ordinal);
    }

    internal static IEnumerable<string> Texts(int count)
    {
        Random random = new(Seed);
        yield return "";
        yield return "[CLS] a[SEP]b [MASK] [mask]";
        yield return new string('a', 100) + " " + new string('a', 101) + " " + string.Concat(Enumerable.Repeat("𝐀", 60));
        for (var i = 0; i < count; i++)
            yield return TokenizerFixtures.NastyText(random);
    }

    /// <summary>Letters and marks of many scripts, some pieces, and holes.</summary>
    private static string[] Vocabulary()
    {
        List<string> tokens = ["[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
        Random random = new(Seed);
        foreach (
            var rune in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,;:!?'\"-_()[]{}<>/\\|@#$%^&*~`+=äöüßéèñſﬁ½²①Ａ日本語漢字テキストעבריתالعربيةहनदีไทยﷺ😀👍𝐀𠮷☃i̇—".EnumerateRunes()
        )
        {
            tokens.Add(rune.ToString());
            if (random.Next(3) > 0)
                tokens.Add("##" + rune);
        }
        foreach (
            var piece in new[]
            {
                "the",
                "quick",
                "brown",
                "fox",
                "##ox",
                "##own",
                "isn",
                "year",
                "##s",
                "old",
                "john",
                "##ohn",
                "12",
                "##34",
                "##5",
                "ab",
                "##cd",
                "##ef",
                "gro",
                "##ße",
                "テキ",
                "##スト",
            }
        )
        {
            tokens.Add(piece);
        }
        return [.. tokens.Distinct()];
    }
}
