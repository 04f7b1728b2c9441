using System.Text.Json;
using SearchEngine.Embeddings.Model;

namespace SearchEngine.Embeddings;

/// <summary>
/// Reads the config.json of a Hugging Face checkpoint. Fields are of three kinds: those that shape the forward pass and are understood;
/// those known to have no part in it; and all others, which are refused by name unless null or false, since a field that is passed over
/// may mean wrong vectors.
/// </summary>
internal sealed class DecoderConfigReader
{
    private static readonly string[] ModelTypes = ["llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3_text"];

    private readonly ConfigReader _fields;

    private DecoderConfigReader(ConfigReader fields) => _fields = fields;

    /// <summary>Reads <c>config.json</c> of a folder.</summary>
    /// <param name="folder">The checkpoint's folder.</param>
    /// <param name="ignoredFields">Unknown fields that the caller vouches for.</param>
    /// <exception cref="ModelFormatException">The file is missing or damaged, or asks for something that is not supported.</exception>
    public static DecoderConfig Read(string folder, IReadOnlyCollection<string>? ignoredFields = null)
    {
        var path = Path.Combine(folder, "config.json");
        if (!File.Exists(path))
        {
            throw new ModelFormatException(
                folder,
                Directory.Exists(folder)
                    ? "there is no config.json here; point at a Hugging Face checkpoint folder."
                    : "there is no such folder."
            );
        }
        return Parse(path, File.ReadAllBytes(path), ignoredFields);
    }

    /// <summary>Reads the text of a config.json.</summary>
    /// <param name="path">Where it came from, for messages.</param>
    /// <param name="json">UTF-8.</param>
    /// <param name="ignoredFields">Unknown fields that the caller vouches for.</param>
    public static DecoderConfig Parse(string path, ReadOnlyMemory<byte> json, IReadOnlyCollection<string>? ignoredFields = null)
    {
        return ConfigReader.Read(
            path,
            json,
            ignoredFields,
            fields =>
            {
                var config = new DecoderConfigReader(fields).Build();
                config.Validate();
                return config;
            }
        );
    }

    private DecoderConfig Build()
    {
        var type = _fields.Text("model_type") ?? throw _fields.Fault("there is no 'model_type'.");
        if (!ModelTypes.Contains(type))
        {
            throw _fields.Fault(
                $"model_type '{type}' is not supported; supported are {string.Join(", ", ModelTypes.Concat(ModelConfigReader.EncoderTypes))}."
            );
        }
        var gemma = type.StartsWith("gemma", StringComparison.Ordinal);
        var laterGemma = type is "gemma2" or "gemma3_text";
        var layers = _fields.Required("num_hidden_layers");
        var heads = _fields.Required("num_attention_heads");
        var hidden = _fields.Required("hidden_size");
        (var theta, var scaling, var localTheta) = Rope(
            type,
            new RopeScalingReader(
                _fields,
                _fields.Integer("max_position_embeddings") ?? 2048,
                HeadDim(type) is > 0 and int size ? size : hidden / Math.Max(1, heads)
            )
        );
        (var window, var sliding) = Windows(type, layers);
        var biases = _fields.Flag("attention_bias") ?? type == "qwen2";
        _fields.RequireValue("partial_rotary_factor", 1);
        _fields.RequireValue("rope_partial_factor", 1);

        return new DecoderConfig
        {
            ModelType = type,
            VocabularySize = _fields.Required("vocab_size"),
            HiddenSize = hidden,
            IntermediateSize = _fields.Required("intermediate_size"),
            Layers = layers,
            Heads = heads,
            KeyValueHeads = _fields.Integer("num_key_value_heads") ?? heads,
            HeadDim = HeadDim(type),
            NormEpsilon = _fields.Number("rms_norm_eps") ?? 1e-6,
            RopeTheta = theta,
            RopeScaling = scaling,
            LocalRopeTheta = localTheta,
            MaxPositions = _fields.Integer("max_position_embeddings") ?? 2048,
            TieWordEmbeddings = _fields.Flag("tie_word_embeddings") ?? gemma,
            AttentionBias = biases,
            AttentionOutputBias = biases && type != "qwen2",
            MlpBias = _fields.Flag("mlp_bias") ?? false,
            QueryKeyNorm = type is "qwen3" or "gemma3_text",
            Activation = Activation(gemma),
            OffsetNorm = gemma,
            PostNorms = laterGemma,
            ScaleEmbeddings = gemma,
            QueryPreAttentionScalar = laterGemma ? _fields.Number("query_pre_attn_scalar") ?? 256 : null,
            AttentionSoftcap = laterGemma ? Softcap("attn_logit_softcapping", type == "gemma2" ? 50 : null) : null,
            LogitSoftcap = laterGemma ? Softcap("final_logit_softcapping", type == "gemma2" ? 30 : null) : null,
            SlidingWindow = window,
            SlidingLayers = sliding,
            TwoSidedWindow = type == "gemma3_text" && (_fields.Flag("use_bidirectional_attention") ?? false),
            Bidirectional = _fields.Flag("use_bidirectional_attention") is true ? true : !_fields.Flag("is_causal"),
            InitializerRange = _fields.Number("initializer_range") ?? 0.02,
            BosTokenId = _fields.TokenId("bos_token_id"),
            EosTokenId = _fields.TokenId("eos_token_id"),
            PadTokenId = _fields.TokenId("pad_token_id"),
        };
    }

    private int HeadDim(string type) =>
        _fields.Integer("head_dim")
        ?? (
            type.StartsWith("gemma", StringComparison.Ordinal) ? 256
            : type == "qwen3" ? 128
            : 0
        );

    private (double Theta, RopeScaling? Scaling, double? Local) Rope(string type, RopeScalingReader reader)
    {
        double defaultTheta = type is "gemma3_text" ? 1_000_000 : 10_000;
        var theta = _fields.Number("rope_theta") ?? defaultTheta;
        double? local = type == "gemma3_text" ? _fields.Number("rope_local_base_freq") ?? 10_000 : null;
        var parameters = _fields.Element("rope_parameters");
        RopeScaling? scaling = null;
        if (parameters is JsonElement newer)
        {
            // transformers 5 moved theta and scaling here; Gemma 3 has one object per kind of layer.
            if (newer.TryGetProperty("full_attention", out var full))
            {
                if (newer.TryGetProperty("sliding_attention", out var sliding))
                {
                    (var localScaling, var localTheta) = new RopeScalingReader(_fields, 1, 2).Read(
                        sliding,
                        "rope_parameters.sliding_attention"
                    );
                    if (localScaling is not null)
                        throw _fields.Fault("'rope_parameters.sliding_attention' scales the rotary embedding, which is not supported.");
                    local = localTheta ?? local;
                }
                newer = full;
            }
            (scaling, var own) = reader.Read(newer, "rope_parameters");
            theta = own ?? theta;
        }
        if (_fields.Element("rope_scaling") is JsonElement older)
        {
            (scaling, var own) = reader.Read(older, "rope_scaling");
            theta = own ?? theta;
        }
        return (theta, scaling, local);
    }

    /// <summary>The sliding window of causal attention, and the layers it applies to.</summary>
    private (int? Window, bool[]? Layers) Windows(string type, int layers)
    {
        var window = _fields.Integer("sliding_window");
        var enabled = _fields.Flag("use_sliding_window") ?? type is not ("qwen2" or "qwen3");
        var fullLayers = _fields.Integer("max_window_layers") ?? 0;
        var pattern = _fields.Integer("sliding_window_pattern") ?? _fields.Integer("_sliding_window_pattern") ?? (type == "gemma2" ? 2 : 6);
        var byName = LayerTypes();
        if (window is <= 0)
            throw _fields.Fault($"'sliding_window' is {window}, not a positive number.");
        if (type is "llama" or "gemma")
        {
            return window is null || !enabled
                ? (null, null)
                : throw _fields.Fault($"'sliding_window' is not supported for model_type '{type}'.");
        }
        if (window is null || !enabled)
        {
            return byName is not null && byName.Contains(true)
                ? throw _fields.Fault("'layer_types' names sliding layers, but there is no 'sliding_window' in use.")
                : (null, null);
        }
        if (pattern <= 0)
            throw _fields.Fault("'sliding_window_pattern' is not a positive number.");
        var sliding =
            byName
            ?? type switch
            {
                "qwen2" or "qwen3" => [.. Enumerable.Range(0, layers).Select(i => i >= fullLayers)],
                "gemma2" or "gemma3_text" => [.. Enumerable.Range(0, layers).Select(i => (i + 1) % pattern != 0)],
                _ => null,
            };
        return (window, sliding);
    }

    private bool[]? LayerTypes()
    {
        if (_fields.Element("layer_types") is not JsonElement value)
            return null;
        if (value.ValueKind != JsonValueKind.Array)
            throw _fields.Fault("'layer_types' is not an array.");
        return
        [
            .. value
                .EnumerateArray()
                .Select(item =>
                    item.ValueKind != JsonValueKind.String
                        ? throw _fields.Fault("'layer_types' holds something else than text.")
                        : item.GetString() switch
                        {
                            "sliding_attention" => true,
                            "full_attention" => false,
                            string other => throw _fields.Fault($"the layer type '{other}' of 'layer_types' is not supported."),
                            null => throw _fields.Fault("'layer_types' holds null."),
                        }
                ),
        ];
    }

    private DecoderActivation Activation(bool gemma)
    {
        var named = _fields.Text("hidden_activation") ?? _fields.Text("hidden_act");
        _fields.Ignore("hidden_act");
        return (named, gemma) switch
        {
            // Early Gemma files say "gelu"; their own code corrected it to the tanh formula.
            (null or "gelu" or "gelu_pytorch_tanh", true) => DecoderActivation.GeluTanh,
            (null or "silu" or "swish", false) => DecoderActivation.Silu,
            ("gelu_pytorch_tanh", false) => DecoderActivation.GeluTanh,
            ("gelu", false) => DecoderActivation.Gelu,
            _ => throw _fields.Fault($"hidden_act '{named}' is not supported; supported are silu, gelu and gelu_pytorch_tanh."),
        };
    }

    /// <summary>A cap; null in the file means none, a missing field the architecture's own.</summary>
    private double? Softcap(string name, double? missing)
    {
        if (!_fields.Has(name))
            return missing;
        return _fields.Number(name) is double cap
            ? cap > 0
                ? cap
                : throw _fields.Fault($"'{name}' is {cap}, not a positive number.")
            : null;
    }
}
