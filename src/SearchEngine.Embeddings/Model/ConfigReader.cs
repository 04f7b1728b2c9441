using System.Text.Json;
using SearchEngine.Embeddings.Weights;

namespace SearchEngine.Embeddings.Model;

/// <summary>
/// Typed access to the fields of a config.json. Fields are of three kinds: those that shape the forward pass and are understood; those
/// known to have no part in it; and all others, which are refused by name unless null or false, since a field that is passed over may
/// mean wrong vectors.
/// </summary>
internal sealed class ConfigReader
{
    /// <summary>Fields that do not change hidden states in any architecture.</summary>
    private static readonly HashSet<string> Neutral = new(StringComparer.Ordinal)
    {
        "_attn_implementation",
        "_attn_implementation_autoset",
        "_commit_hash",
        "_name_or_path",
        "add_cross_attention",
        "architectures",
        "attention_dropout",
        "auto_map",
        "bad_words_ids",
        "begin_suppress_tokens",
        "cache_implementation",
        "chunk_size_feed_forward",
        "cross_attention_hidden_size",
        "decoder_start_token_id",
        "diversity_penalty",
        "do_sample",
        "dtype",
        "early_stopping",
        "embd_pdrop",
        "encoder_no_repeat_ngram_size",
        "exponential_decay_length_penalty",
        "finetuning_task",
        "forced_bos_token_id",
        "forced_eos_token_id",
        "hidden_dropout",
        "id2label",
        "initializer_factor",
        "initializer_range",
        "is_decoder",
        "is_encoder_decoder",
        "is_llama_config",
        "keys_to_ignore_at_inference",
        "label2id",
        "length_penalty",
        "max_length",
        "max_window_layers",
        "min_length",
        "model_max_length",
        "no_repeat_ngram_size",
        "num_beam_groups",
        "num_beams",
        "num_labels",
        "num_return_sequences",
        "output_attentions",
        "output_hidden_states",
        "output_scores",
        "output_router_logits",
        "prefix",
        "pretraining_tp",
        "problem_type",
        "pruned_heads",
        "remove_invalid_values",
        "repetition_penalty",
        "resid_pdrop",
        "return_dict",
        "return_dict_in_generate",
        "router_aux_loss_coef",
        "rope_interleaved",
        "sbert_ce_default_activation_function",
        "sentence_transformers",
        "sep_token_id",
        "suppress_tokens",
        "task_specific_params",
        "temperature",
        "tf_legacy_loss",
        "tie_encoder_decoder",
        "tokenizer_class",
        "top_k",
        "top_p",
        "torch_dtype",
        "torchscript",
        "transformers_version",
        "transformers.js_config",
        "typical_p",
        "unsloth_fixed",
        "unsloth_version",
        "use_bfloat16",
        "use_cache",
        "use_return_dict",
        "bos_token_id",
        "eos_token_id",
        "pad_token_id",
        "unk_token_id",
        "mask_token_id",
        "max_position_embeddings",
    };

    private readonly string _path;
    private readonly Dictionary<string, JsonElement> _fields;
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    private ConfigReader(string path, JsonElement root)
    {
        _path = path;
        if (root.ValueKind != JsonValueKind.Object)
            throw new ModelFormatException(path, "config.json is not a JSON object.");
        _fields = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var property in root.EnumerateObject())
        {
            if (!_fields.TryAdd(property.Name, property.Value))
                throw new ModelFormatException(path, $"field '{property.Name}' stands twice.");
        }
    }

    /// <summary>Reads a config.json with what an architecture makes of it.</summary>
    /// <param name="path">Where it came from, for messages.</param>
    /// <param name="json">UTF-8, with or without a byte order mark.</param>
    /// <param name="ignoredFields">Unknown fields that the caller vouches for.</param>
    /// <param name="build">Reads all fields that matter and checks them; argument exceptions become format exceptions.</param>
    /// <exception cref="ModelFormatException">The text is damaged, or asks for something that is not supported.</exception>
    public static T Read<T>(string path, ReadOnlyMemory<byte> json, IReadOnlyCollection<string>? ignoredFields, Func<ConfigReader, T> build)
    {
        try
        {
            using var document = JsonDocument.Parse(
                JsonFile.WithoutMark(json),
                new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip }
            );
            ConfigReader reader = new(path, document.RootElement);
            if (reader.Element(WeightQuantization.Field) is JsonElement quantization)
                WeightQuantization.Parse(path, quantization);
            var config = build(reader);
            reader.RefuseOthers(ignoredFields ?? []);
            return config;
        }
        catch (JsonException e)
        {
            throw new ModelFormatException(path, $"not valid JSON: {e.Message}", e);
        }
        catch (ArgumentException e)
        {
            throw new ModelFormatException(path, e.Message, e);
        }
    }

    /// <summary>True if the file has the field, whatever its value.</summary>
    public bool Has(string name) => _fields.ContainsKey(name);

    /// <summary>Fields that do not change this architecture's hidden states.</summary>
    public void Ignore(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            _read.Add(name);
    }

    /// <summary>Refuses any other number than <paramref name="value"/>.</summary>
    public void RequireValue(string name, double value)
    {
        if (Number(name) is double actual && actual != value)
            throw Fault($"'{name}' is {actual}; only {value} is supported.");
    }

    /// <summary>Refuses true.</summary>
    public void RequireFalse(string name)
    {
        if (Flag(name) is true)
            throw Fault($"'{name}' is true, which is not supported.");
    }

    /// <summary>The field's value; null if it is missing or null.</summary>
    public JsonElement? Element(string name)
    {
        _read.Add(name);
        return _fields.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    public int Required(string name) => Integer(name) ?? throw Fault($"there is no '{name}'.");

    public int? Integer(string name) =>
        Element(name) is not JsonElement value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number
        : throw Fault($"'{name}' is {Excerpt(value)}, not a whole number in range.");

    public double? Number(string name) =>
        Element(name) is not JsonElement value ? null
        : value.ValueKind == JsonValueKind.Number ? value.GetDouble()
        : throw Fault($"'{name}' is {Excerpt(value)}, not a number.");

    public bool? Flag(string name) =>
        Element(name) is not JsonElement value
            ? null
            : value.ValueKind switch
            {
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                _ => throw Fault($"'{name}' is {Excerpt(value)}, not true or false."),
            };

    public string? Text(string name) =>
        Element(name) is not JsonElement value ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw Fault($"'{name}' is {Excerpt(value)}, not text.");

    /// <summary>A token's id, the first of several; null if it is none.</summary>
    public int? TokenId(string name)
    {
        if (Element(name) is not JsonElement value)
            return null;
        if (value.ValueKind == JsonValueKind.Array)
            value = value.EnumerateArray().FirstOrDefault();
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var id) && id >= 0 ? id : null;
    }

    public ModelFormatException Fault(string message) => new(_path, message);

    private void RefuseOthers(IReadOnlyCollection<string> ignored)
    {
        foreach ((var name, var value) in _fields)
        {
            if (
                _read.Contains(name)
                || Neutral.Contains(name)
                || ignored.Contains(name)
                || value.ValueKind is JsonValueKind.Null or JsonValueKind.False
            )
            {
                continue;
            }
            throw Fault(
                $"field '{name}' ({Excerpt(value)}) is not supported and could change the result. "
                    + $"If it does not, name it in {nameof(Llm2VecOptions)}.{nameof(Llm2VecOptions.IgnoredConfigFields)}."
            );
        }
    }

    private static string Excerpt(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 60), "…");
    }
}
