using System.Text.Json;

namespace SearchEngine.Embeddings;

/// <summary>
/// Reads the config.json of a Hugging Face checkpoint. Fields are of three kinds: those that shape the forward pass and are understood;
/// those known to have no part in it; and all others, which are refused by name unless null or false, since a field that is passed over
/// may mean wrong vectors.
/// </summary>
internal sealed class DecoderConfigReader
{
    /// <summary>Fields that do not change hidden states.</summary>
    private static readonly HashSet<string> Neutral = new(StringComparer.Ordinal)
    {
        "_attn_implementation", "_attn_implementation_autoset", "_commit_hash", "_name_or_path", "add_cross_attention", "architectures",
        "attention_dropout", "auto_map", "bad_words_ids", "begin_suppress_tokens", "cache_implementation", "chunk_size_feed_forward",
        "cross_attention_hidden_size", "decoder_start_token_id", "diversity_penalty", "do_sample", "dtype", "early_stopping",
        "embd_pdrop", "encoder_no_repeat_ngram_size", "exponential_decay_length_penalty", "finetuning_task", "forced_bos_token_id",
        "forced_eos_token_id", "hidden_dropout", "id2label", "initializer_factor", "initializer_range", "is_decoder", "is_encoder_decoder",
        "is_llama_config", "keys_to_ignore_at_inference", "label2id", "length_penalty", "max_length", "max_window_layers", "min_length",
        "model_max_length", "no_repeat_ngram_size", "num_beam_groups", "num_beams", "num_labels", "num_return_sequences",
        "output_attentions", "output_hidden_states", "output_scores", "output_router_logits", "prefix", "pretraining_tp", "problem_type",
        "pruned_heads", "remove_invalid_values", "repetition_penalty", "resid_pdrop", "return_dict", "return_dict_in_generate",
        "router_aux_loss_coef", "rope_interleaved", "sep_token_id", "suppress_tokens", "task_specific_params", "temperature",
        "tf_legacy_loss", "tie_encoder_decoder", "tokenizer_class", "top_k", "top_p", "torch_dtype", "torchscript", "transformers_version",
        "transformers.js_config", "typical_p", "unsloth_fixed", "unsloth_version", "use_bfloat16", "use_cache", "use_return_dict",
        "bos_token_id", "eos_token_id", "pad_token_id", "unk_token_id", "mask_token_id", "max_position_embeddings",
    };

    private static readonly string[] ModelTypes = ["llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3_text"];

    private readonly string _path;
    private readonly Dictionary<string, JsonElement> _fields;
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    private DecoderConfigReader(string path, JsonElement root)
    {
        _path = path;
        if (root.ValueKind != JsonValueKind.Object)
            throw new ModelFormatException(path, "config.json is not a JSON object.");
        _fields = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (JsonProperty property in root.EnumerateObject())
        {
            if (!_fields.TryAdd(property.Name, property.Value))
                throw new ModelFormatException(path, $"field '{property.Name}' stands twice.");
        }
    }

    /// <summary>Reads <c>config.json</c> of a folder.</summary>
    /// <param name="folder">The checkpoint's folder.</param>
    /// <param name="ignoredFields">Unknown fields that the caller vouches for.</param>
    /// <exception cref="ModelFormatException">The file is missing or damaged, or asks for something that is not supported.</exception>
    public static DecoderConfig Read(string folder, IReadOnlyCollection<string>? ignoredFields = null)
    {
        string path = Path.Combine(folder, "config.json");
        if (!File.Exists(path))
            throw new ModelFormatException(folder, Directory.Exists(folder) ? "there is no config.json here; point at a Hugging Face checkpoint folder." : "there is no such folder.");
        return Parse(path, File.ReadAllBytes(path), ignoredFields);
    }

    /// <summary>Reads the text of a config.json.</summary>
    /// <param name="path">Where it came from, for messages.</param>
    /// <param name="json">UTF-8.</param>
    /// <param name="ignoredFields">Unknown fields that the caller vouches for.</param>
    public static DecoderConfig Parse(string path, ReadOnlyMemory<byte> json, IReadOnlyCollection<string>? ignoredFields = null)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            DecoderConfigReader reader = new(path, document.RootElement);
            DecoderConfig config = reader.Build();
            reader.RefuseOthers(ignoredFields ?? []);
            config.Validate();
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

    private DecoderConfig Build()
    {
        string type = Text("model_type") ?? throw Fault("there is no 'model_type'.");
        if (!ModelTypes.Contains(type))
            throw Fault($"model_type '{type}' is not supported; supported are {string.Join(", ", ModelTypes)}.");
        bool gemma = type.StartsWith("gemma", StringComparison.Ordinal);
        bool laterGemma = type is "gemma2" or "gemma3_text";
        int layers = Required("num_hidden_layers");
        int heads = Required("num_attention_heads");
        int hidden = Required("hidden_size");
        (double theta, RopeScaling? scaling, double? localTheta) = Rope(type);
        (int? window, bool[]? sliding) = Windows(type, layers);
        bool biases = Flag("attention_bias") ?? type == "qwen2";
        RequireValue("partial_rotary_factor", 1);
        RequireValue("rope_partial_factor", 1);

        return new DecoderConfig
        {
            ModelType = type,
            VocabularySize = Required("vocab_size"),
            HiddenSize = hidden,
            IntermediateSize = Required("intermediate_size"),
            Layers = layers,
            Heads = heads,
            KeyValueHeads = Integer("num_key_value_heads") ?? heads,
            HeadDim = Integer("head_dim") ?? (gemma ? 256 : type == "qwen3" ? 128 : 0),
            NormEpsilon = Number("rms_norm_eps") ?? 1e-6,
            RopeTheta = theta,
            RopeScaling = scaling,
            LocalRopeTheta = localTheta,
            MaxPositions = Integer("max_position_embeddings") ?? 2048,
            TieWordEmbeddings = Flag("tie_word_embeddings") ?? gemma,
            AttentionBias = biases,
            AttentionOutputBias = biases && type != "qwen2",
            MlpBias = Flag("mlp_bias") ?? false,
            QueryKeyNorm = type is "qwen3" or "gemma3_text",
            Activation = Activation(gemma),
            OffsetNorm = gemma,
            PostNorms = laterGemma,
            ScaleEmbeddings = gemma,
            QueryPreAttentionScalar = laterGemma ? Number("query_pre_attn_scalar") ?? 256 : null,
            AttentionSoftcap = laterGemma ? Softcap("attn_logit_softcapping", type == "gemma2" ? 50 : null) : null,
            LogitSoftcap = laterGemma ? Softcap("final_logit_softcapping", type == "gemma2" ? 30 : null) : null,
            SlidingWindow = window,
            SlidingLayers = sliding,
            TwoSidedWindow = type == "gemma3_text" && (Flag("use_bidirectional_attention") ?? false),
            Bidirectional = Flag("use_bidirectional_attention") is true ? true : !Flag("is_causal"),
            InitializerRange = Number("initializer_range") ?? 0.02,
            BosTokenId = TokenId("bos_token_id"),
            EosTokenId = TokenId("eos_token_id"),
            PadTokenId = TokenId("pad_token_id"),
        };
    }

    private (double Theta, RopeScaling? Scaling, double? Local) Rope(string type)
    {
        double defaultTheta = type is "gemma3_text" ? 1_000_000 : 10_000;
        double theta = Number("rope_theta") ?? defaultTheta;
        double? local = type == "gemma3_text" ? Number("rope_local_base_freq") ?? 10_000 : null;
        JsonElement? parameters = Element("rope_parameters");
        RopeScaling? scaling = null;
        if (parameters is JsonElement newer)
        {
            // transformers 5 moved theta and scaling here; Gemma 3 has one object per kind of layer.
            if (newer.TryGetProperty("full_attention", out JsonElement full))
            {
                if (newer.TryGetProperty("sliding_attention", out JsonElement sliding))
                {
                    if (Scaling(sliding, "rope_parameters.sliding_attention", out double? localTheta) is not null)
                        throw Fault("'rope_parameters.sliding_attention' scales the rotary embedding, which is not supported.");
                    local = localTheta ?? local;
                }
                newer = full;
            }
            scaling = Scaling(newer, "rope_parameters", out double? own);
            theta = own ?? theta;
        }
        if (Element("rope_scaling") is JsonElement older)
        {
            scaling = Scaling(older, "rope_scaling", out double? own);
            theta = own ?? theta;
        }
        return (theta, scaling, local);
    }

    private RopeScaling? Scaling(JsonElement value, string name, out double? theta)
    {
        theta = null;
        if (value.ValueKind != JsonValueKind.Object)
            throw Fault($"'{name}' is not a JSON object.");
        string kind = "default";
        Dictionary<string, double> numbers = new(StringComparer.Ordinal);
        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (property.Name is "rope_type" or "type" && property.Value.ValueKind == JsonValueKind.String)
                kind = property.Value.GetString()!;
            else if (property.Value.ValueKind == JsonValueKind.Number)
                numbers[property.Name] = property.Value.GetDouble();
            else if (property.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False))
                throw Fault($"'{name}.{property.Name}' is not supported.");
        }
        if (numbers.Remove("rope_theta", out double own))
            theta = own;
        string[] known = kind switch
        {
            "default" => ["original_max_position_embeddings"],
            "linear" => ["factor", "original_max_position_embeddings"],
            "llama3" => ["factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"],
            _ => throw Fault($"'{name}' of type '{kind}' is not supported; supported are linear and llama3."),
        };
        if (numbers.Remove("partial_rotary_factor", out double partial) && partial != 1)
            throw Fault($"'{name}.partial_rotary_factor' is {partial}; only 1 is supported.");
        if (numbers.Keys.FirstOrDefault(key => !known.Contains(key)) is string unknown)
            throw Fault($"'{name}.{unknown}' is not supported for type '{kind}'.");
        double Needed(string field) => numbers.TryGetValue(field, out double number) && number > 0 && double.IsFinite(number)
            ? number
            : throw Fault($"'{name}' of type '{kind}' needs a positive '{field}'.");
        return kind switch
        {
            "linear" => new RopeScaling(RopeScalingKind.Linear, Needed("factor")),
            "llama3" => new RopeScaling(RopeScalingKind.Llama3, Needed("factor"), Needed("low_freq_factor"), Needed("high_freq_factor"),
                checked((int)Needed("original_max_position_embeddings"))),
            _ => null,
        };
    }

    /// <summary>The sliding window of causal attention, and the layers it applies to.</summary>
    private (int? Window, bool[]? Layers) Windows(string type, int layers)
    {
        int? window = Integer("sliding_window");
        bool enabled = Flag("use_sliding_window") ?? type is not ("qwen2" or "qwen3");
        int fullLayers = Integer("max_window_layers") ?? 0;
        int pattern = Integer("sliding_window_pattern") ?? Integer("_sliding_window_pattern") ?? (type == "gemma2" ? 2 : 6);
        bool[]? byName = LayerTypes();
        if (window is <= 0)
            throw Fault($"'sliding_window' is {window}, not a positive number.");
        if (type is "llama" or "gemma")
            return window is null || !enabled ? (null, null) : throw Fault($"'sliding_window' is not supported for model_type '{type}'.");
        if (window is null || !enabled)
            return byName is not null && byName.Contains(true) ? throw Fault("'layer_types' names sliding layers, but there is no 'sliding_window' in use.") : (null, null);
        if (pattern <= 0)
            throw Fault("'sliding_window_pattern' is not a positive number.");
        bool[]? sliding = byName ?? type switch
        {
            "qwen2" or "qwen3" => [.. Enumerable.Range(0, layers).Select(i => i >= fullLayers)],
            "gemma2" or "gemma3_text" => [.. Enumerable.Range(0, layers).Select(i => (i + 1) % pattern != 0)],
            _ => null,
        };
        return (window, sliding);
    }

    private bool[]? LayerTypes()
    {
        if (Element("layer_types") is not JsonElement value)
            return null;
        if (value.ValueKind != JsonValueKind.Array)
            throw Fault("'layer_types' is not an array.");
        return [.. value.EnumerateArray().Select(item => item.ValueKind != JsonValueKind.String ? throw Fault("'layer_types' holds something else than text.") : item.GetString() switch
        {
            "sliding_attention" => true,
            "full_attention" => false,
            string other => throw Fault($"the layer type '{other}' of 'layer_types' is not supported."),
            null => throw Fault("'layer_types' holds null."),
        })];
    }

    private DecoderActivation Activation(bool gemma)
    {
        string? named = Text("hidden_activation") ?? Text("hidden_act");
        _read.Add("hidden_act");
        return (named, gemma) switch
        {
            // Early Gemma files say "gelu"; their own code corrected it to the tanh formula.
            (null or "gelu" or "gelu_pytorch_tanh", true) => DecoderActivation.GeluTanh,
            (null or "silu" or "swish", false) => DecoderActivation.Silu,
            ("gelu_pytorch_tanh", false) => DecoderActivation.GeluTanh,
            ("gelu", false) => DecoderActivation.Gelu,
            _ => throw Fault($"hidden_act '{named}' is not supported; supported are silu, gelu and gelu_pytorch_tanh."),
        };
    }

    /// <summary>A cap; null in the file means none, a missing field the architecture's own.</summary>
    private double? Softcap(string name, double? missing)
    {
        _read.Add(name);
        if (!_fields.ContainsKey(name))
            return missing;
        return Number(name) is double cap ? cap > 0 ? cap : throw Fault($"'{name}' is {cap}, not a positive number.") : null;
    }

    private void RefuseOthers(IReadOnlyCollection<string> ignored)
    {
        foreach ((string name, JsonElement value) in _fields)
        {
            if (_read.Contains(name) || Neutral.Contains(name) || ignored.Contains(name) || value.ValueKind is JsonValueKind.Null or JsonValueKind.False)
                continue;
            throw Fault($"field '{name}' ({Excerpt(value)}) is not supported and could change the result. If it does not, name it in {nameof(Llm2VecOptions)}.{nameof(Llm2VecOptions.IgnoredConfigFields)}.");
        }
    }

    private void RequireValue(string name, double value)
    {
        if (Number(name) is double actual && actual != value)
            throw Fault($"'{name}' is {actual}; only {value} is supported.");
    }

    private JsonElement? Element(string name)
    {
        _read.Add(name);
        return _fields.TryGetValue(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    private int Required(string name) => Integer(name) ?? throw Fault($"there is no '{name}'.");

    private int? Integer(string name) => Element(name) is not JsonElement value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number
        : throw Fault($"'{name}' is {Excerpt(value)}, not a whole number in range.");

    private double? Number(string name) => Element(name) is not JsonElement value ? null
        : value.ValueKind == JsonValueKind.Number ? value.GetDouble() : throw Fault($"'{name}' is {Excerpt(value)}, not a number.");

    private bool? Flag(string name) => Element(name) is not JsonElement value ? null : value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Fault($"'{name}' is {Excerpt(value)}, not true or false."),
    };

    private string? Text(string name) => Element(name) is not JsonElement value ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString() : throw Fault($"'{name}' is {Excerpt(value)}, not text.");

    private int? TokenId(string name)
    {
        if (Element(name) is not JsonElement value)
            return null;
        if (value.ValueKind == JsonValueKind.Array)
            value = value.EnumerateArray().FirstOrDefault();
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int id) && id >= 0 ? id : null;
    }

    private static string Excerpt(JsonElement value)
    {
        string text = value.GetRawText();
        return text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 60), "…");
    }

    private ModelFormatException Fault(string message) => new(_path, message);
}
