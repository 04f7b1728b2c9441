using System.Text.Json.Nodes;

namespace SearchEngine.Embeddings.Tests.Tokenization;

/// <summary>Hugging Face's own tokenizers library (the Rust one, by way of Tokenizers.DotNet) over a tokenizer.json.</summary>
internal sealed class TokenizerOracle : IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private readonly global::Tokenizers.DotNet.Tokenizer _tokenizer;

    public TokenizerOracle(string json)
    {
        var path = Path.Combine(_scratch.Path, "tokenizer.json");
        File.WriteAllText(path, json);
        _tokenizer = new global::Tokenizers.DotNet.Tokenizer(path);
    }

    /// <summary>The ids with the template.</summary>
    public int[] Encode(string text) => [.. _tokenizer.Encode(text).Select(id => (int)id)];

    /// <summary>The tokenizer.json that the reference makes of a vocab.txt.</summary>
    public static JsonObject BertJson(
        IReadOnlyList<string> vocabulary,
        bool lowercase = true,
        bool? stripAccents = null,
        bool separateHan = true
    )
    {
        JsonObject ids = [];
        for (var i = 0; i < vocabulary.Count; i++)
            ids[vocabulary[i]] = i;
        JsonArray special =
        [
            .. new[] { "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]" }
                .Where(ids.ContainsKey)
                .OrderBy(token => (int)ids[token]!)
                .Select(token => new JsonObject
                {
                    ["id"] = (int)ids[token]!,
                    ["content"] = token,
                    ["single_word"] = false,
                    ["lstrip"] = false,
                    ["rstrip"] = false,
                    ["normalized"] = false,
                    ["special"] = true,
                }),
        ];
        return new JsonObject
        {
            ["version"] = "1.0",
            ["added_tokens"] = special,
            ["normalizer"] = new JsonObject
            {
                ["type"] = "BertNormalizer",
                ["clean_text"] = true,
                ["handle_chinese_chars"] = separateHan,
                ["strip_accents"] = stripAccents,
                ["lowercase"] = lowercase,
            },
            ["pre_tokenizer"] = new JsonObject { ["type"] = "BertPreTokenizer" },
            ["post_processor"] = new JsonObject
            {
                ["type"] = "BertProcessing",
                ["sep"] = new JsonArray("[SEP]", (int)ids["[SEP]"]!),
                ["cls"] = new JsonArray("[CLS]", (int)ids["[CLS]"]!),
            },
            ["model"] = new JsonObject
            {
                ["type"] = "WordPiece",
                ["unk_token"] = "[UNK]",
                ["continuing_subword_prefix"] = "##",
                ["max_input_chars_per_word"] = 100,
                ["vocab"] = ids,
            },
        };
    }

    public void Dispose() => _scratch.Dispose();
}
