using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace SearchEngine.Embeddings.Tests.Tokenization;

/// <summary>
/// Parts of a tokenizer.json against Hugging Face's own library over random texts: equal ids, or a refusal by name. The model knows every
/// character of the texts as the beginning of a word and as its continuation, so that ids show where words begin. Set
/// SEARCHENGINE_ORACLE_TEXTS for more texts than the normal run's (10000 for the long one).
/// </summary>
public class OracleComparisonTests
{
    private const int Seed = 11;

    private static readonly int Texts = int.Parse(
        Environment.GetEnvironmentVariable("SEARCHENGINE_ORACLE_TEXTS") ?? "600",
        System.Globalization.CultureInfo.InvariantCulture
    );

    private static readonly string[] Alphabet =
    [
        .. (
            "abcsKXYZ019 \t\n\r\u000b\u0085\u00a0\u2003\u2028\u200b\u200c\u200d\ufeff.,;:!?'\"-_()[]{}<>/\\|@#$%^&*~`+=€±"
            + "äßéñſﬁ½²①ⅷⅧⒶⓐ🄰Ａ１日本語ー々〇テひ한עבאرا٣हिนดี\u0301\u0308\u20dd\u0903😀👍🏽☃☀♥𝐀𝟗𠮷𐐀𞤀🇩\u0001\u007f\ufffd\u2581\u00ad☺︎İıǅʰªº⁀‿"
        )
            .EnumerateRunes()
            .Select(rune => rune.ToString())
            .Distinct(),
    ];

    public static TheoryData<string> Patterns() =>
        [
            @"[☀-♥]",
            @"\p{S}",
            @"\p{S}+",
            @"\p{L}+",
            @"[^\p{L}\p{N}\s]+",
            @"[^a-z]",
            @"\P{L}",
            @"\p{^N}",
            @"[[:alpha:]]+",
            @"[[:punct:]]",
            @"[[:^space:]]+",
            @"[[:alnum:]]+",
            @"[[:upper:]]",
            @"[\w&&[^a-c]]+",
            @"[a-z&&[^s]&&\p{Ll}]",
            @"a{,2}b",
            @"\w{,2}",
            @"^a",
            @"a$",
            @"^\s+",
            @"\s+$",
            @"(?m:a.b)",
            @".+",
            @"\w+",
            @"\W+",
            @"\d+",
            @"\h+",
            @"\bs",
            @"\B1",
            @"\s++a",
            @"\p{L}++",
            @"\p{L}*+1",
            @"a?+b",
            @"\p{Han}+",
            @"\p{Hiragana}|\p{Katakana}",
            @"\p{Lu}\p{Ll}*",
            @"(?i)k",
            @"(?i:[a-z]+)",
            @"(?i)K\p{L}",
            @"\s+(?!\S)|\s+",
            @"(?<=a)b|c",
            @"(?<!\p{L})s",
            @"(?>a+)b",
            @"[^\r\n\p{L}\p{N}]?+\p{L}+",
            @"\p{N}{1,3}",
            @"\p{N}{2}?",
            @"'(?i:[sdmt]|ll|ve|re)",
            @"[\p{L}\p{M}]+",
            @"\x{1F600}",
            "😀|☃",
            @"[\x00-\x7f]+",
            @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
            @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
            @"[一-龥぀-ゟ゠-ヿ]+",
            @" ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
            @"[\]\-a]",
            @"[a\-z]",
            @"\R",
            @"\Aa",
            @"a\z",
            @"a\Z",
            @"(a|b)+c",
            @"a|",
            @"[[a-c][x-z]]",
        ];

    [Theory]
    [MemberData(nameof(Patterns))]
    public void Patterns_cut_where_the_reference_cuts(string pattern)
    {
        foreach (var behavior in new[] { "Isolated", "Removed", "MergedWithPrevious" })
        {
            Compare(
                json =>
                    json["pre_tokenizer"] = new JsonObject
                    {
                        ["type"] = "Split",
                        ["pattern"] = new JsonObject { ["Regex"] = pattern },
                        ["behavior"] = behavior,
                        ["invert"] = behavior == "Removed" && pattern.Length % 2 == 0,
                    },
                Texts / 6
            );
        }
        Compare(
            json =>
                json["normalizer"] = new JsonObject
                {
                    ["type"] = "Replace",
                    ["pattern"] = new JsonObject { ["Regex"] = pattern },
                    ["content"] = "x",
                },
            Texts / 6
        );
    }

    [Theory]
    [InlineData("""{"type": "Whitespace"}""")]
    [InlineData("""{"type": "WhitespaceSplit"}""")]
    [InlineData("""{"type": "Punctuation", "behavior": "Isolated"}""")]
    [InlineData("""{"type": "Punctuation", "behavior": "Contiguous"}""")]
    [InlineData("""{"type": "BertPreTokenizer"}""")]
    [InlineData("""{"type": "UnicodeScripts"}""")]
    [InlineData("""{"type": "CharDelimiterSplit", "delimiter": "-"}""")]
    [InlineData("""{"type": "Digits", "individual_digits": true}""")]
    [InlineData("""{"type": "Digits", "individual_digits": false}""")]
    [InlineData(
        """{"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Punctuation", "behavior": "Isolated"}, {"type": "Digits", "individual_digits": true}]}"""
    )]
    [InlineData("""{"type": "Sequence", "pretokenizers": [{"type": "Whitespace"}, {"type": "UnicodeScripts"}]}""")]
    [InlineData("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}""")]
    public void Pre_tokenizers_cut_where_the_reference_cuts(string part) =>
        Compare(json => json["pre_tokenizer"] = JsonNode.Parse(part), Texts);

    [Theory]
    [InlineData(
        """{"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true}"""
    )]
    [InlineData(
        """{"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": false, "strip_accents": false, "lowercase": false}"""
    )]
    [InlineData(
        """{"type": "BertNormalizer", "clean_text": false, "handle_chinese_chars": true, "strip_accents": true, "lowercase": false}"""
    )]
    [InlineData("""{"type": "StripAccents"}""")]
    [InlineData("""{"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "StripAccents"}, {"type": "Lowercase"}]}""")]
    [InlineData("""{"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Lowercase"}]}""")]
    [InlineData("""{"type": "Strip", "strip_left": true, "strip_right": true}""")]
    [InlineData("""{"type": "Replace", "pattern": {"String": "☃a"}, "content": "b"}""")]
    public void Normalizers_change_what_the_reference_changes(string part) =>
        Compare(json => json["normalizer"] = JsonNode.Parse(part), Texts);

    [Theory]
    [InlineData(@"\1(a)", @"\1")]
    [InlineData(@"(?i)straSSe", "ss")]
    [InlineData(@"\p{NoSuchProperty}", "NoSuchProperty")]
    [InlineData(@"\X", @"\X")]
    [InlineData(@"(?x: a)", "x")]
    [InlineData(@"[[:nosuch:]]", "nosuch")]
    [InlineData(@"a)", "parenthesis")]
    [InlineData(@"[a", "class")]
    [InlineData(@"*a", "quantifier")]
    public void Patterns_that_cannot_be_followed_are_refused_by_name(string pattern, string named)
    {
        var json = Base();
        json["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Split",
            ["pattern"] = new JsonObject { ["Regex"] = pattern },
            ["behavior"] = "Isolated",
            ["invert"] = false,
        };
        Assert.Contains(
            named,
            Assert
                .Throws<ModelFormatException>(() =>
                    TokenizerFixtures.LoadFolder(("tokenizer.json", Encoding.UTF8.GetBytes(json.ToJsonString())))
                )
                .Message,
            StringComparison.OrdinalIgnoreCase
        );
    }

    private static void Compare(Action<JsonObject> change, int count)
    {
        var json = Base();
        change(json);
        using TokenizerOracle oracle = new(json.ToJsonString());
        var tokenizer = TokenizerFixtures.LoadFolder(("tokenizer.json", Encoding.UTF8.GetBytes(json.ToJsonString())));
        Random random = new(Seed);
        for (var i = 0; i < count; i++)
        {
            var text = i % 2 == 0 ? RandomText(random) : TokenizerFixtures.NastyText(random);
            var wanted = oracle.Encode(text);
            var actual = tokenizer.Encode(text, int.MaxValue).Ids;
            if (!wanted.SequenceEqual(actual))
            {
                Assert.Fail(
                    $"seed {Seed}, text {i}: {JsonSerializer.Serialize(text)}\n  expected {Write(tokenizer, wanted)}\n  actual   {Write(tokenizer, actual)}\n  {json["normalizer"]?.ToJsonString()} {json["pre_tokenizer"]?.ToJsonString()}"
                );
            }
        }
    }

    private static string Write(TextTokenizer tokenizer, int[] ids) =>
        string.Join(' ', ids.Select(id => JsonSerializer.Serialize(tokenizer.TokenText(id))));

    private static string RandomText(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(25)).Select(_ => Alphabet[random.Next(random.Next(3) == 0 ? 20 : Alphabet.Length)]));

    private static JsonObject Base()
    {
        string[] characters =
        [
            .. Alphabet
                .Append("x")
                .Concat(TokenizerFixtures.NastyText(new Random(Seed), 4000).EnumerateRunes().Select(rune => rune.ToString()))
                .Distinct(),
        ];
        var json = TokenizerOracle.BertJson(["[UNK]", "[CLS]", "[SEP]", .. characters, .. characters.Select(c => "##" + c)]);
        json["normalizer"] = null;
        json["pre_tokenizer"] = null;
        return json;
    }
}
