using System.Text.Json;
using SearchEngine.Embeddings.Weights;

namespace SearchEngine.Embeddings;

/// <summary>
/// What the small JSON files around a vocabulary say: tokenizer_config.json, special_tokens_map.json, added_tokens.json, and the ids of
/// config.json. Earlier files win over later ones. All of them are optional.
/// </summary>
internal sealed class TokenizerConfiguration
{
    private readonly Dictionary<string, string> _tokens = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);

    /// <summary>Reads the files of <paramref name="folder"/>.</summary>
    /// <exception cref="ModelFormatException">One of them is not what it should be.</exception>
    public TokenizerConfiguration(string folder)
    {
        Folder = folder;
        var path = ConfigPath = Path.Combine(folder, "tokenizer_config.json");
        if (ReadObject(path) is JsonElement config)
        {
            AddBos = Flag(path, config, "add_bos_token");
            AddEos = Flag(path, config, "add_eos_token");
            AddPrefixSpace = Flag(path, config, "add_prefix_space");
            LowerCase = Flag(path, config, "do_lower_case");
            StripAccents = Flag(path, config, "strip_accents");
            SeparateHan = Flag(path, config, "tokenize_chinese_chars");
            if (
                config.TryGetProperty("model_max_length", out var longest)
                && longest.ValueKind == JsonValueKind.Number
                && longest.GetDouble() is >= 1 and <= int.MaxValue
            )
            {
                LongestInput = (int)longest.GetDouble();
            }
            TokenizerClass =
                config.TryGetProperty("tokenizer_class", out var name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;
            ReadTokens(config);
            ReadAddedTokensDecoder(path, config);
        }
        path = Path.Combine(folder, "special_tokens_map.json");
        if (ReadObject(path) is JsonElement map)
            ReadTokens(map);
        path = Path.Combine(folder, "added_tokens.json");
        if (ReadObject(path) is JsonElement added)
        {
            foreach (var property in added.EnumerateObject())
                AddedTokens.TryAdd(property.Name, new AddedTokenEntry(Id(path, property.Name, property.Value), IsSpecial: false));
        }
        path = Path.Combine(folder, "config.json");
        if (ReadObject(path) is JsonElement model)
            ReadModelIds(model);
    }

    /// <summary>The model folder.</summary>
    public string Folder { get; }

    /// <summary>The path of tokenizer_config.json, whether or not it exists.</summary>
    public string ConfigPath { get; }

    /// <summary>Whether a BOS is put in front of a text; null if the file does not say.</summary>
    public bool? AddBos { get; }

    /// <summary>Whether an EOS is put after a text; null if the file does not say.</summary>
    public bool? AddEos { get; }

    /// <summary>Whether a byte-level vocabulary gets a space in front of a text; null if the file does not say.</summary>
    public bool? AddPrefixSpace { get; }

    /// <summary>Whether a BERT tokenizer makes texts lower case; null if the file does not say.</summary>
    public bool? LowerCase { get; }

    /// <summary>Whether a BERT tokenizer takes accents off; null if the file does not say.</summary>
    public bool? StripAccents { get; }

    /// <summary>Whether a BERT tokenizer takes each Han character as a word; null if the file does not say.</summary>
    public bool? SeparateHan { get; }

    /// <summary>
    /// The most tokens that the model takes, by the tokenizer's word (<c>model_max_length</c>); null if it says none, or a number that
    /// means none.
    /// </summary>
    public int? LongestInput { get; }

    /// <summary>The name of the tokenizer's class in Transformers, or null.</summary>
    public string? TokenizerClass { get; }

    /// <summary>The number of embeddings by config.json's <c>vocab_size</c>, or null.</summary>
    public int? ModelVocabularySize { get; private set; }

    /// <summary>The architecture's name in config.json ("llama", "qwen2", …), or null.</summary>
    public string? ModelType { get; private set; }

    /// <summary>Tokens beside the vocabulary file, by text.</summary>
    public Dictionary<string, AddedTokenEntry> AddedTokens { get; } = new(StringComparer.Ordinal);

    /// <summary>The text of a special token ("bos_token", "mask_token", …), or null.</summary>
    public string? Token(string role) => _tokens.GetValueOrDefault(role);

    /// <summary>The id that config.json gives a role ("bos_token_id", …), or null.</summary>
    public int? ModelId(string role) => _ids.TryGetValue(role, out var id) ? id : null;

    /// <summary>Parses a JSON file whose root is an object; null if there is no such file.</summary>
    public static JsonElement? ReadObject(string path)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            var content = File.ReadAllBytes(path);
            ForeignFile.Refuse(path, content);
            using var document = JsonDocument.Parse(JsonFile.WithoutMark(content), new JsonDocumentOptions { AllowTrailingCommas = true });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new ModelFormatException(path, "the file is not a JSON object.");
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new ModelFormatException(path, $"the file is not valid JSON: {e.Message}", e);
        }
    }

    private void ReadTokens(JsonElement file)
    {
        foreach (
            var role in (ReadOnlySpan<string>)["bos_token", "eos_token", "pad_token", "unk_token", "mask_token", "cls_token", "sep_token"]
        )
        {
            if (!file.TryGetProperty(role, out var token))
                continue;
            if (token.ValueKind == JsonValueKind.Object && token.TryGetProperty("content", out var content))
                token = content;
            if (token.ValueKind == JsonValueKind.String)
                _tokens.TryAdd(role, token.GetString()!);
        }
    }

    private void ReadAddedTokensDecoder(string path, JsonElement config)
    {
        if (!config.TryGetProperty("added_tokens_decoder", out var decoder) || decoder.ValueKind != JsonValueKind.Object)
            return;
        foreach (var property in decoder.EnumerateObject())
        {
            if (
                !int.TryParse(property.Name, out var id)
                || id is < 0 or >= TokenVocabulary.MaximumSize
                || property.Value.ValueKind != JsonValueKind.Object
                || !property.Value.TryGetProperty("content", out var content)
                || content.ValueKind != JsonValueKind.String
            )
            {
                throw new ModelFormatException(
                    path,
                    $"'added_tokens_decoder' has the entry '{property.Name}', which is not an id with a token's content."
                );
            }
            var special = property.Value.TryGetProperty("special", out var flag) && flag.ValueKind == JsonValueKind.True;
            AddedTokens.TryAdd(content.GetString()!, new AddedTokenEntry(id, special));
        }
    }

    private void ReadModelIds(JsonElement model)
    {
        if (model.TryGetProperty("vocab_size", out var size) && size.ValueKind == JsonValueKind.Number && size.TryGetInt32(out var count))
        {
            ModelVocabularySize = count;
        }
        if (model.TryGetProperty("model_type", out var type) && type.ValueKind == JsonValueKind.String)
            ModelType = type.GetString();
        foreach (var role in (ReadOnlySpan<string>)["bos_token_id", "eos_token_id", "pad_token_id"])
        {
            if (!model.TryGetProperty(role, out var value))
                continue;
            // Several end tokens are a list; the first one is the tokenizer's.
            if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0)
                value = value[0];
            if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var id) && id >= 0)
                _ids.TryAdd(role, id);
        }
    }

    private static bool? Flag(string path, JsonElement config, string name)
    {
        if (!config.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw new ModelFormatException(path, $"'{name}' is neither true nor false.");
    }

    private static int Id(string path, string token, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var id) && id is >= 0 and < TokenVocabulary.MaximumSize
            ? id
            : throw new ModelFormatException(
                path,
                $"token '{token}' has something other than an id between 0 and {TokenVocabulary.MaximumSize}."
            );
}
