using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace SearchEngine.Embeddings.Tests.Tokenization;

public class TokenizerJsonTests
{
    private static readonly Lazy<ToyBpe> Llama3 = new(() => new ToyBpe(WordSplitter.Llama3Pattern));
    private static readonly Lazy<ToyBpe> Gpt2 = new(() => new ToyBpe(WordSplitter.Gpt2Pattern));

    [Fact]
    public void Byte_level_ids_equal_the_plain_algorithm()
    {
        var llama3 = ToyBpe.Load(Llama3.Value.Json());
        var json = Gpt2.Value.Json();
        json["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "ByteLevel",
            ["add_prefix_space"] = false,
            ["use_regex"] = true,
        };
        var gpt2 = ToyBpe.Load(json);
        Random random = new(71);
        for (var i = 0; i < 800; i++)
        {
            // "ſ" apart: .NET's expressions do not fold it, ours does (see WordSplitterTests).
            var text = TokenizerFixtures.NastyText(random, 200).Replace("ſ", "s", StringComparison.Ordinal);
            Assert.Equal(Llama3.Value.Encode(text), llama3.EncodeOrdinary(text));
            Assert.Equal(Gpt2.Value.Encode(text), gpt2.EncodeOrdinary(text));
            Assert.Equal(text, llama3.Decode(llama3.EncodeOrdinary(text)));
            Assert.Equal(gpt2.EncodeOrdinary(text).Count, gpt2.CountTokens(text));
        }
    }

    [Fact]
    public void Other_vocabulary_files_of_the_same_tokens_give_the_same_ids()
    {
        (var vocabulary, var merges) = Gpt2.Value.Gpt2Files();
        var pair = TokenizerFixtures.LoadFolder(
            ("vocab.json", Encoding.UTF8.GetBytes(vocabulary)),
            ("merges.txt", Encoding.UTF8.GetBytes(merges))
        );
        var tiktoken = TokenizerFixtures.LoadFolder(
            ("toy.tiktoken", Encoding.UTF8.GetBytes(Gpt2.Value.Tiktoken())),
            ("config.json", """{"model_type": "gpt2"}"""u8.ToArray())
        );
        var arrays = Gpt2.Value.Json();
        arrays["model"]!["merges"] = new JsonArray([.. Gpt2.Value.Merges.Select(merge => new JsonArray(merge.Left, merge.Right))]);
        var json = ToyBpe.Load(arrays);
        foreach (var text in TokenizerFixtures.Lines(Path.Combine(TokenizerFixtures.Folder, "texts.txt")))
        {
            var expected = Gpt2.Value.Encode(text);
            Assert.Equal(expected, pair.EncodeOrdinary(text));
            Assert.Equal(expected, json.EncodeOrdinary(text));
            // tiktoken takes a word that is a token whole, which merging reaches too when every token was made by merging.
            Assert.Equal(expected, tiktoken.EncodeOrdinary(text));
        }
    }

    [Fact]
    public void Tiktoken_ids_equal_those_of_Microsoft_ML_Tokenizers()
    {
        var content = Encoding.UTF8.GetBytes(Llama3.Value.Tiktoken());
        var ours = TokenizerFixtures.LoadFolder(("toy.tiktoken", content), ("config.json", """{"model_type": "llama"}"""u8.ToArray()));
        var theirs = Microsoft.ML.Tokenizers.TiktokenTokenizer.Create(
            new MemoryStream(content),
            new Microsoft.ML.Tokenizers.RegexPreTokenizer(new(WordSplitter.Llama3Pattern), null),
            null
        );
        foreach (
            var text in TokenizerFixtures
                .Lines(Path.Combine(TokenizerFixtures.Folder, "texts.txt"))
                .Where(text => !text.Any(char.IsSurrogate))
        )
        {
            Assert.Equal(theirs.EncodeToIds(text), ours.EncodeOrdinary(text));
        }
    }

    /// <summary>
    /// The conversion that Llama-2's tokenizer.json is made by, done to a SentencePiece model of ours: same ids as spm_encode.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Sentence_piece_vocabulary_as_json_gives_the_ids_of_spm_encode(bool metaspace)
    {
        var tokenizer = ToyBpe.Load(SentencePieceJson(metaspace));
        var texts = TokenizerFixtures.Lines(Path.Combine(TokenizerFixtures.Folder, "texts.txt"));
        var expected = TokenizerFixtures.Ids(Path.Combine(TokenizerFixtures.Folder, "bpe-bytes.ids"));
        for (var i = 0; i < texts.Length; i++)
        {
            // Metaspace puts no mark in front of a mark, and texts with the vocabulary's control tokens have them recognised.
            if (
                (metaspace && texts[i].StartsWith(' '))
                || texts[i].StartsWith('▁')
                || texts[i].Contains("<s>")
                || texts[i].Contains("</s>")
                || texts[i].Contains("<unk>")
            )
            {
                continue;
            }
            Assert.Equal(expected[i], tokenizer.EncodeOrdinary(texts[i]));
        }
        Assert.Equal("decoded  again 日本 😀", tokenizer.Decode(tokenizer.Encode("decoded  again 日本 😀", 100).Ids));
        Assert.Equal(1, tokenizer.Encode("a", 10).Ids[0]);
    }

    /// <summary>
    /// The conversion that the tokenizer.json of unigram models is made by (pieces with scores, compiled rules, folded spaces, Metaspace),
    /// done
    /// to SentencePiece models of ours: same ids as spm_encode.
    /// </summary>
    [Theory]
    [InlineData("unigram-bytes", true)]
    [InlineData("unigram-bytes", false)]
    [InlineData("unigram-symbols", false)]
    public void Unigram_vocabulary_as_json_gives_the_ids_of_spm_encode(string name, bool whitespaceSplit)
    {
        var model = SentencePieceModel.Parse(name, File.ReadAllBytes(Path.Combine(TokenizerFixtures.Folder, name + ".model")));
        var tokenizer = ToyBpe.Load(UnigramJson(model, whitespaceSplit));
        var texts = TokenizerFixtures.Lines(Path.Combine(TokenizerFixtures.Folder, "texts.txt"));
        var expected = TokenizerFixtures.Ids(Path.Combine(TokenizerFixtures.Folder, name + ".ids"));
        var compared = 0;
        for (var i = 0; i < texts.Length; i++)
        {
            // The tokenizers library takes rules grapheme by grapheme, added tokens and marks out of the text; SentencePiece does not.
            if (
                texts[i].Contains('▁')
                || texts[i].Contains('<')
                || texts[i].Any(c => c is > '\u024f' or < ' ' or (>= '\u007f' and < '\u00a0'))
                || model.Pieces.Any(p => p.Type == SentencePieceType.UserDefined && texts[i].Contains(p.Text))
            )
            {
                continue;
            }
            Assert.Equal(expected[i], tokenizer.EncodeOrdinary(texts[i]));
            compared++;
        }
        Assert.True(compared > 300, $"only {compared} texts compared");
        Assert.Equal("decoded again", tokenizer.Decode(tokenizer.Encode("decoded again", 100).Ids));
    }

    [Theory]
    [InlineData("unk_id", "null", "unk_id")]
    [InlineData("unk_id", "99999", "unk_id")]
    [InlineData("byte_fallback", "true", "<0x00>")]
    [InlineData("vocab", "[[\"a\", 1], [\"b\"]]", "piece 1")]
    [InlineData("vocab", "[]", "empty")]
    [InlineData("type", "\"WordLevel\"", "WordLevel")]
    public void Unigram_models_that_cannot_be_followed_are_refused_by_name(string field, string value, string named)
    {
        var model = SentencePieceModel.Parse("symbols", File.ReadAllBytes(Path.Combine(TokenizerFixtures.Folder, "unigram-symbols.model")));
        var json = UnigramJson(model, whitespaceSplit: false);
        json["model"]![field] = JsonNode.Parse(value);
        Assert.Contains(named, Assert.Throws<ModelFormatException>(() => ToyBpe.Load(json)).Message, StringComparison.Ordinal);
    }

    private static JsonObject UnigramJson(SentencePieceModel model, bool whitespaceSplit)
    {
        JsonObject metaspace = new()
        {
            ["type"] = "Metaspace",
            ["replacement"] = "▁",
            ["prepend_scheme"] = "always",
            ["split"] = true,
        };
        JsonArray normalizers = new(
            new JsonObject { ["type"] = "Precompiled", ["precompiled_charsmap"] = Convert.ToBase64String(model.CharacterMap) }
        );
        if (!whitespaceSplit)
        {
            normalizers.Add(
                new JsonObject
                {
                    ["type"] = "Strip",
                    ["strip_left"] = true,
                    ["strip_right"] = true,
                }
            );
            normalizers.Add(
                new JsonObject
                {
                    ["type"] = "Replace",
                    ["pattern"] = new JsonObject { ["Regex"] = " {2,}" },
                    ["content"] = " ",
                }
            );
        }
        return new JsonObject
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray([
                .. model
                    .Pieces.Select((piece, id) => (piece, id))
                    .Where(item => item.piece.Type is SentencePieceType.Control or SentencePieceType.Unknown)
                    .Select(item => ToyBpe.Added(item.piece.Text, item.id)),
            ]),
            ["normalizer"] = new JsonObject { ["type"] = "Sequence", ["normalizers"] = normalizers },
            ["pre_tokenizer"] = whitespaceSplit
                ? new JsonObject
                {
                    ["type"] = "Sequence",
                    ["pretokenizers"] = new JsonArray(new JsonObject { ["type"] = "WhitespaceSplit" }, metaspace),
                }
                : metaspace,
            ["model"] = new JsonObject
            {
                ["type"] = "Unigram",
                ["unk_id"] = model.UnkId,
                ["byte_fallback"] = model.ByteFallback,
                ["vocab"] = new JsonArray([.. model.Pieces.Select(piece => new JsonArray(piece.Text, piece.Score))]),
            },
        };
    }

    [Fact]
    public void Ignore_merges_takes_a_word_that_is_a_token_whole()
    {
        var json = Llama3.Value.Json();
        json["model"]!["vocab"]!["Ġunmergeable"] = 5000;
        var text = "an unmergeable token";
        Assert.DoesNotContain(5000, ToyBpe.Load((JsonObject)json.DeepClone()).EncodeOrdinary(text));
        json["model"]!["ignore_merges"] = true;
        Assert.Contains(5000, ToyBpe.Load(json).EncodeOrdinary(text));
    }

    [Fact]
    public void Added_tokens_are_cut_out_first()
    {
        var json = Llama3.Value.Json();
        json["added_tokens"] = new JsonArray(
            ToyBpe.Added("<|end|>", 1000),
            ToyBpe.Added("<|end|>more", 1001),
            ToyBpe.Added("<mask>", 1002, lstrip: true, rstrip: true),
            ToyBpe.Added("word", 1003, special: false, singleWord: true),
            ToyBpe.Added("Ａ", 1004, special: false, normalized: true)
        );
        json["normalizer"] = new JsonObject { ["type"] = "NFKC" };
        var tokenizer = ToyBpe.Load(json);
        int[] Ids(string text) => Llama3.Value.Encode(text);
        Assert.Equal([.. Ids("x"), 1000, .. Ids(" y")], tokenizer.EncodeOrdinary("x<|end|> y"));
        Assert.Equal([1001, 1000], tokenizer.EncodeOrdinary("<|end|>more<|end|>"));
        Assert.Equal([.. Ids("x"), 1002, .. Ids("y")], tokenizer.EncodeOrdinary("x  <mask> \n y"));
        Assert.Equal([.. Ids("words a"), .. Ids(" "), 1003, .. Ids("!")], tokenizer.EncodeOrdinary("words a word!"));
        // Normalised tokens are looked for after NFKC, under their own normal form.
        Assert.Equal([1004, 1004, .. Ids("b")], tokenizer.EncodeOrdinary("AＡb"));
        Assert.True(tokenizer.IsSpecial(1000));
        Assert.False(tokenizer.IsSpecial(1003));
        Assert.Equal("xword", tokenizer.Decode([.. Ids("x"), 1000, 1003]));
    }

    [Fact]
    public void Digits_and_prefix_space_are_honoured()
    {
        var json = Gpt2.Value.Json();
        json["pre_tokenizer"] = JsonNode.Parse(
            """
            {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": true}, {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}]}
            """
        );
        var digits = ToyBpe.Load((JsonObject)json.DeepClone());
        Assert.Equal(
            [
                .. Gpt2.Value.Encode("in "),
                .. Gpt2.Value.Encode("2"),
                .. Gpt2.Value.Encode("0"),
                .. Gpt2.Value.Encode("²"),
                .. Gpt2.Value.Encode(" a"),
            ],
            digits.EncodeOrdinary("in 20² a")
        );
        json["pre_tokenizer"] = JsonNode.Parse("""{"type": "ByteLevel", "add_prefix_space": true, "use_regex": true}""");
        var spaced = ToyBpe.Load(json);
        Assert.Equal(Gpt2.Value.Encode(" text"), spaced.EncodeOrdinary("text"));
        Assert.Equal(Gpt2.Value.Encode(" text"), spaced.EncodeOrdinary(" text"));
        Assert.Equal("text", spaced.Decode(spaced.EncodeOrdinary("text")));
    }

    [Fact]
    public void Templates_and_their_flags_are_honoured()
    {
        var json = Llama3.Value.Json();
        json["added_tokens"] = new JsonArray(ToyBpe.Added("<b>", 1000), ToyBpe.Added("<e>", 1001));
        json["post_processor"] = JsonNode.Parse(
            """
            {"type": "Sequence", "processors": [{"type": "ByteLevel"}, {"type": "TemplateProcessing",
              "single": [{"SpecialToken": {"id": "<b>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "<e>", "type_id": 0}}],
              "pair": [], "special_tokens": {"<b>": {"id": "<b>", "ids": [1000], "tokens": ["<b>"]}, "<e>": {"id": "<e>", "ids": [1001], "tokens": ["<e>"]}}}]}
            """
        );
        var text = Llama3.Value.Encode("text");
        var plain = ToyBpe.Load((JsonObject)json.DeepClone());
        Assert.Equal([1000, .. text, 1001], plain.Encode("text", 100).Ids);
        Assert.Equal((1000, 1001), (plain.BosId, plain.EosId));
        Assert.Equal([1000, 1001], plain.Encode("", 100).Ids);
        var tokens = "\"bos_token\": \"<b>\", \"eos_token\": \"<e>\"";
        var without = ToyBpe.Load(
            (JsonObject)json.DeepClone(),
            ("tokenizer_config.json", "{\"add_eos_token\": false, \"tokenizer_class\": \"LlamaTokenizer\", " + tokens + "}")
        );
        Assert.Equal([1000, .. text], without.Encode("text", 100).Ids);
        // Other classes leave the post-processor alone.
        var other = ToyBpe.Load(
            (JsonObject)json.DeepClone(),
            ("tokenizer_config.json", "{\"add_bos_token\": false, \"tokenizer_class\": \"PreTrainedTokenizerFast\", " + tokens + "}")
        );
        Assert.Equal([1000, .. text, 1001], other.Encode("text", 100).Ids);
        json["post_processor"] = null;
        var added = ToyBpe.Load(json, ("tokenizer_config.json", "{\"add_bos_token\": true, \"add_eos_token\": true, " + tokens + "}"));
        Assert.Equal([1000, .. text, 1001], added.Encode("text", 100).Ids);
    }

    [Theory]
    [InlineData("model.type", "\"WordLevel\"", "WordLevel")]
    [InlineData("model.dropout", "0.1", "dropout")]
    [InlineData("model.end_of_word_suffix", "\"</w>\"", "end_of_word_suffix")]
    [InlineData("model.unk_token", "\"<none>\"", "<none>")]
    [InlineData("model.byte_fallback", "true", "<0x00>", "pre_tokenizer")]
    [InlineData("model.merges", "[\"a b c\"]", "a b c")]
    [InlineData("model.merges", "[\"Ġ notthere\"]", "notthere")]
    [InlineData("model.vocab", "{}", "empty")]
    [InlineData("model.vocab", "{\"a\": -1}", "-1")]
    [InlineData("model.vocab", "{\"a\": 2000000000}", "2000000000")]
    [InlineData("model.vocab", "{\"a\": \"b\"}", "'a'")]
    [InlineData("normalizer", "{\"type\": \"Precompiled\"}", "Precompiled")]
    [InlineData("normalizer", "{\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"Nmt\"}]}", "Nmt")]
    [InlineData("pre_tokenizer", "{\"type\": \"FixedLength\"}", "FixedLength")]
    [InlineData(
        "pre_tokenizer",
        "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"(\"}, \"behavior\": \"Isolated\", \"invert\": false}",
        "'('"
    )]
    [InlineData("post_processor", "{\"type\": \"Unheard\"}", "Unheard")]
    [InlineData("post_processor", "{\"type\": \"TemplateProcessing\", \"single\": [], \"special_tokens\": {}}", "0 times")]
    [InlineData("added_tokens", "[{\"content\": \"x\"}]", "not a tokenizer")]
    public void Unsupported_or_damaged_parts_are_refused_by_name(string place, string value, string expected, string? cleared = null)
    {
        var json = Llama3.Value.Json();
        JsonNode parent = json;
        var names = place.Split('.');
        foreach (var name in names[..^1])
            parent = parent[name]!;
        parent[names[^1]] = JsonNode.Parse(value);
        if (cleared is not null)
            json[cleared] = null;
        var error = Assert.Throws<ModelFormatException>(() => ToyBpe.Load(json));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.EndsWith("tokenizer.json", error.Path, StringComparison.Ordinal);
    }

    /// <summary>Any part of the file may be anything: it loads, or the one exception is raised.</summary>
    [Fact]
    public void Parts_of_any_other_kind_raise_the_one_exception()
    {
        const int Seed = 1234;
        Random random = new(Seed);
        var good = new ToyBpe(WordSplitter.Gpt2Pattern, mergeCount: 5).Json();
        good["added_tokens"] = new JsonArray(ToyBpe.Added("<b>", 1000), ToyBpe.Added("<e>", 1001, normalized: true));
        good["normalizer"] = JsonNode.Parse(
            """{"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Replace", "pattern": {"String": "x"}, "content": "y"}, {"type": "Prepend", "prepend": "z"}, {"type": "Strip", "strip_left": true, "strip_right": false}]}"""
        );
        good["post_processor"] = JsonNode.Parse(
            """
            {"type": "Sequence", "processors": [{"type": "RobertaProcessing", "cls": ["<b>", 1000], "sep": ["<e>", 1001]}, {"type": "TemplateProcessing",
              "single": [{"SpecialToken": {"id": "<b>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
              "special_tokens": {"<b>": {"id": "<b>", "ids": [1000], "tokens": ["<b>"]}}}]}
            """
        );
        ToyBpe.Load((JsonObject)good.DeepClone());
        string[] values =
        [
            "null",
            "0",
            "-1",
            "1e30",
            "2147483647",
            "true",
            "\"\"",
            "\"x\"",
            "\"(\"",
            "[]",
            "{}",
            "[[]]",
            "[{}]",
            "{\"type\": \"Sequence\"}",
            "{\"type\": 7}",
        ];
        var refused = 0;
        for (var round = 0; round < 400; round++)
        {
            var bad = (JsonObject)good.DeepClone();
            JsonNode[] places = [.. Descendants(bad)];
            // The vocabulary has most of the nodes; one place in ten is enough for it.
            var place = places[random.Next(places.Length)];
            if (round % 10 != 0 && place.GetPath().Contains("vocab", StringComparison.Ordinal))
                place = places.Where(node => !node.GetPath().Contains("vocab", StringComparison.Ordinal)).ElementAt(random.Next(60));
            string path = place.GetPath(),
                value = values[random.Next(values.Length)];
            place.ReplaceWith(JsonNode.Parse(value));
            try
            {
                ToyBpe.Load(bad).EncodeOrdinary(TokenizerFixtures.NastyText(random));
            }
            catch (ModelFormatException)
            {
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {Seed}, round {round}, {path} = {value}: {e}");
            }
        }
        Assert.True(refused > 100, $"only {refused} were refused");
    }

    [Fact]
    public void Vocabulary_larger_than_the_model_is_refused()
    {
        var error = Assert.Throws<ModelFormatException>(() => ToyBpe.Load(Llama3.Value.Json(), ("config.json", """{"vocab_size": 300}""")));
        Assert.Contains("300 embeddings", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ModelFormatException>(() =>
            ToyBpe.Load(Llama3.Value.Json(), ("tokenizer_config.json", """{"bos_token": "<other>"}"""))
        );
        Assert.Contains("<other>", error.Message, StringComparison.Ordinal);
    }

    internal static JsonObject SentencePieceJson(bool metaspace)
    {
        var path = Path.Combine(TokenizerFixtures.Folder, "bpe-bytes.model");
        var model = SentencePieceModel.Parse(path, File.ReadAllBytes(path));
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        JsonObject vocabulary = [];
        for (var id = 0; id < model.Pieces.Count; id++)
        {
            ids.Add(model.Pieces[id].Text, id);
            vocabulary.Add(model.Pieces[id].Text, id);
        }
        var merges = model
            .Pieces.Where(piece => piece.Type == SentencePieceType.Normal)
            .OrderByDescending(piece => piece.Score)
            .SelectMany(piece =>
                Enumerable
                    .Range(1, piece.Text.Length - 1)
                    .Select(cut => (Left: piece.Text[..cut], Right: piece.Text[cut..]))
                    .Where(pair => ids.ContainsKey(pair.Left) && ids.ContainsKey(pair.Right))
                    .Select(pair => $"{pair.Left} {pair.Right}")
            );
        return new JsonObject
        {
            ["added_tokens"] = new JsonArray(ToyBpe.Added("<unk>", 0), ToyBpe.Added("<s>", 1), ToyBpe.Added("</s>", 2)),
            ["normalizer"] = metaspace
                ? null
                : JsonNode.Parse(
                    """{"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}"""
                ),
            ["pre_tokenizer"] = metaspace
                ? JsonNode.Parse("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": false}""")
                : null,
            ["post_processor"] = JsonNode.Parse(
                """
                {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
                 "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}}
                """
            ),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["unk_token"] = "<unk>",
                ["fuse_unk"] = true,
                ["byte_fallback"] = true,
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray([.. merges.Select(merge => JsonValue.Create(merge))]),
            },
        };
    }

    private static IEnumerable<JsonNode> Descendants(JsonNode node)
    {
        var children = node switch
        {
            JsonObject o => o.Select(pair => pair.Value),
            JsonArray a => a,
            _ => [],
        };
        return children.OfType<JsonNode>().SelectMany(child => Descendants(child).Prepend(child));
    }
}
