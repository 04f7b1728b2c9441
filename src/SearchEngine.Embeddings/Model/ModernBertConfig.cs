using System.Text.Json;

namespace SearchEngine.Embeddings.Model;

/// <summary>
/// The shape of a ModernBERT encoder (Warner et al. 2024): rotary positions; norms before each part, and none before the first attention,
/// whose input is normed already; every few layers attention over the whole text, in the others over a window to both sides with a
/// rotary base of its own; a gated feed-forward part.
/// </summary>
internal sealed record ModernBertConfig : IModelConfig
{
    public const string Type = "modernbert";

    /// <inheritdoc/>
    public string ModelType => Type;

    /// <inheritdoc/>
    public required int VocabularySize { get; init; }

    /// <inheritdoc/>
    public required int HiddenSize { get; init; }

    /// <inheritdoc/>
    public required int Layers { get; init; }

    /// <summary>Heads of each layer; they divide the hidden size.</summary>
    public required int Heads { get; init; }

    /// <summary>Inner width of the feed-forward part.</summary>
    public required int IntermediateSize { get; init; }

    /// <inheritdoc/>
    public required int LongestSequence { get; init; }

    /// <summary>Added to the variance in every norm.</summary>
    public required double NormEpsilon { get; init; }

    /// <summary>Biases in the norms.</summary>
    public bool NormBias { get; init; }

    /// <summary>Biases on the attention's maps.</summary>
    public bool AttentionBias { get; init; }

    /// <summary>Biases on the feed-forward part's maps.</summary>
    public bool MlpBias { get; init; }

    /// <summary>The feed-forward part's nonlinearity.</summary>
    public required DecoderActivation Activation { get; init; }

    /// <summary>Base of the rotary frequencies where attention is over the whole text.</summary>
    public required double GlobalTheta { get; init; }

    /// <summary>The same in the other layers.</summary>
    public required double LocalTheta { get; init; }

    /// <summary>The largest distance at which tokens see each other in the other layers.</summary>
    public required int Reach { get; init; }

    /// <summary>Layers by number that attend over the whole text, as text for <see cref="IModelConfig.Identity"/>.</summary>
    public required string GlobalLayers { get; init; }

    /// <summary>Elements of a head.</summary>
    public int HeadSize => HiddenSize / Heads;

    bool IModelConfig.EndsAtLongest => false;

    /// <inheritdoc/>
    public long ParameterCount => Tensors(this).Sum(tensor => tensor.Shape.Aggregate(1L, (product, size) => product * size));

    string IModelConfig.Identity => $"{this with { LongestSequence = 0 }}";

    /// <summary>True if the layer attends over the whole text.</summary>
    public bool IsGlobal(int layer) => GlobalLayers.Split(',').Contains($"{layer}");

    /// <summary>Reads the fields of a config.json.</summary>
    public static ModernBertConfig Read(ConfigReader fields)
    {
        fields.Ignore(
            "model_type",
            "classifier_activation",
            "classifier_bias",
            "classifier_dropout",
            "classifier_pooling",
            "cls_token_id",
            "decoder_bias",
            "deterministic_flash_attn",
            "embedding_dropout",
            "initializer_cutoff_factor",
            "layer_norm_eps",
            "mlp_dropout",
            "norm_dropout",
            "position_embedding_type",
            "reference_compile",
            "repad_logits_with_grad",
            "sparse_pred_ignore_index",
            "sparse_prediction",
            "tie_word_embeddings"
        );
        double global = fields.Number("global_rope_theta") ?? 160_000,
            local = fields.Number("local_rope_theta") ?? 10_000;
        if (fields.Element("rope_parameters") is JsonElement parameters)
        {
            global = Theta(fields, parameters, "full_attention") ?? global;
            local = Theta(fields, parameters, "sliding_attention") ?? local;
        }
        if (fields.Element("rope_scaling") is not null)
            throw fields.Fault("'rope_scaling' is not supported for model_type 'modernbert'.");
        var layers = fields.Required("num_hidden_layers");
        ModernBertConfig config = new()
        {
            VocabularySize = fields.Required("vocab_size"),
            HiddenSize = fields.Required("hidden_size"),
            Layers = layers,
            Heads = fields.Required("num_attention_heads"),
            IntermediateSize = fields.Required("intermediate_size"),
            LongestSequence = fields.Integer("max_position_embeddings") ?? 8192,
            NormEpsilon = fields.Number("norm_eps") ?? 1e-5,
            NormBias = fields.Flag("norm_bias") ?? false,
            AttentionBias = fields.Flag("attention_bias") ?? false,
            MlpBias = fields.Flag("mlp_bias") ?? false,
            Activation = (fields.Text("hidden_activation") ?? fields.Text("hidden_act")) switch
            {
                null or "gelu" => DecoderActivation.Gelu,
                "gelu_new" or "gelu_pytorch_tanh" or "gelu_fast" => DecoderActivation.GeluTanh,
                string other => throw fields.Fault(
                    $"hidden_activation '{other}' is not supported; supported are gelu, gelu_new, gelu_fast and gelu_pytorch_tanh."
                ),
            },
            GlobalTheta = global,
            LocalTheta = local,
            Reach = (fields.Integer("local_attention") ?? 128) / 2,
            GlobalLayers = string.Join(',', ReadGlobalLayers(fields, layers)),
        };
        config.Validate();
        return config;
    }

    /// <summary>Every tensor that the forward pass reads, without the "model." that checkpoints with a head have in front.</summary>
    public static IEnumerable<(string Name, long[] Shape)> Tensors(ModernBertConfig config)
    {
        int hidden = config.HiddenSize,
            inner = config.IntermediateSize;
        return
        [
            ("embeddings.tok_embeddings.weight", [config.VocabularySize, hidden]),
            .. Norm("embeddings.norm"),
            .. Enumerable
                .Range(0, config.Layers)
                .SelectMany(i =>
                    ((string Name, long[] Shape)[])
                        [
                            .. i == 0 ? [] : Norm("layers." + i + ".attn_norm"),
                            .. Map("layers." + i + ".attn.Wqkv", 3 * hidden, hidden, config.AttentionBias),
                            .. Map("layers." + i + ".attn.Wo", hidden, hidden, config.AttentionBias),
                            .. Norm("layers." + i + ".mlp_norm"),
                            .. Map("layers." + i + ".mlp.Wi", 2 * inner, hidden, config.MlpBias),
                            .. Map("layers." + i + ".mlp.Wo", hidden, inner, config.MlpBias),
                        ]
                ),
            .. Norm("final_norm"),
        ];

        static (string, long[])[] Map(string name, int outputs, int inputs, bool bias) =>
            bias ? [(name + ".weight", [outputs, inputs]), (name + ".bias", [outputs])] : [(name + ".weight", [outputs, inputs])];

        (string, long[])[] Norm(string name) =>
            config.NormBias ? [(name + ".weight", [hidden]), (name + ".bias", [hidden])] : [(name + ".weight", [hidden])];
    }

    /// <summary>The tensors in a checkpoint, checked.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, has another shape or type, or has no place in the model.</exception>
    public EncoderWeights Open(SafetensorsSet weights) =>
        new(weights, ModelType, Tensors(this), ["", "model."], ["head.", "decoder.", "classifier."]);

    private static IEnumerable<int> ReadGlobalLayers(ConfigReader fields, int layers)
    {
        var every = fields.Integer("global_attn_every_n_layers") ?? 3;
        if (fields.Element("layer_types") is not JsonElement types)
        {
            return every > 0
                ? Enumerable.Range(0, layers).Where(i => i % every == 0)
                : throw fields.Fault($"'global_attn_every_n_layers' is {every}, not a positive number.");
        }
        string[] names = [.. types.EnumerateArray().Select(type => type.GetString() ?? "")];
        if (names.Length != layers)
            throw fields.Fault($"'layer_types' has {names.Length} entries for {layers} layers.");
        if (names.FirstOrDefault(name => name is not ("full_attention" or "sliding_attention")) is string other)
            throw fields.Fault($"the layer type '{other}' of 'layer_types' is not supported.");
        return Enumerable.Range(0, layers).Where(i => names[i] == "full_attention");
    }

    private static double? Theta(ConfigReader fields, JsonElement parameters, string kind)
    {
        if (!parameters.TryGetProperty(kind, out var own) || own.ValueKind != JsonValueKind.Object)
            return null;
        if (own.TryGetProperty("rope_type", out var type) && type.GetString() != "default")
            throw fields.Fault($"'rope_parameters.{kind}' of type '{type.GetString()}' is not supported for model_type 'modernbert'.");
        return own.TryGetProperty("rope_theta", out var theta) ? theta.GetDouble() : null;
    }

    private void Validate()
    {
        foreach (
            (var name, var value) in (ReadOnlySpan<(string, int)>)
                [
                    ("vocab_size", VocabularySize),
                    ("hidden_size", HiddenSize),
                    ("num_hidden_layers", Layers),
                    ("num_attention_heads", Heads),
                    ("intermediate_size", IntermediateSize),
                    ("max_position_embeddings", LongestSequence),
                    ("local_attention", Reach),
                ]
        )
        {
            if (value <= 0)
                throw new ArgumentException($"{name} is {value}, not a positive number.");
        }
        if (HiddenSize % Heads != 0 || HeadSize % 2 != 0)
        {
            throw new ArgumentException(
                $"hidden_size {HiddenSize} over num_attention_heads {Heads} does not give heads of an even number of elements."
            );
        }
        if (!(NormEpsilon >= 0) || !double.IsFinite(NormEpsilon))
            throw new ArgumentException($"norm_eps {NormEpsilon} is not a number from 0 up.");
        if (!(GlobalTheta > 0) || !(LocalTheta > 0))
            throw new ArgumentException("a rotary base (global_rope_theta, local_rope_theta) is not a positive number.");
    }
}
