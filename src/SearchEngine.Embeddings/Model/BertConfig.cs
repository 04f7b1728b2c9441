namespace SearchEngine.Embeddings.Model;

/// <summary>
/// The shape of a BERT encoder (Devlin et al. 2018) and of its kin RoBERTa and XLM-RoBERTa, whose forward pass is the same but for where
/// positions begin: embeddings of token, position and type are summed and normed; each layer is attention, then a feed-forward part, each
/// added to its input and normed behind the sum; all maps have biases.
/// </summary>
internal sealed record BertConfig : IModelConfig
{
    public static readonly string[] ModelTypes = ["bert", "roberta", "xlm-roberta"];

    /// <inheritdoc/>
    public required string ModelType { get; init; }

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

    /// <summary>Rows of the position embedding.</summary>
    public required int Positions { get; init; }

    /// <summary>The row of a text's first token: 0, or the padding token's id plus one (RoBERTa, as fairseq counts).</summary>
    public required int FirstPosition { get; init; }

    /// <summary>Rows of the type embedding; a text alone is of type 0.</summary>
    public required int Types { get; init; }

    /// <summary>The feed-forward part's nonlinearity.</summary>
    public required DecoderActivation Activation { get; init; }

    /// <summary>Added to the variance in every norm.</summary>
    public required double NormEpsilon { get; init; }

    /// <summary>Elements of a head.</summary>
    public int HeadSize => HiddenSize / Heads;

    /// <inheritdoc/>
    public int LongestSequence => Positions - FirstPosition;

    bool IModelConfig.EndsAtLongest => true;

    /// <inheritdoc/>
    public long ParameterCount => Tensors(this).Sum(tensor => tensor.Shape.Aggregate(1L, (product, size) => product * size));

    string IModelConfig.Identity => $"{this}";

    /// <summary>Reads the fields of a config.json.</summary>
    public static BertConfig Read(ConfigReader fields)
    {
        var type = fields.Text("model_type")!;
        fields.Ignore(
            "hidden_dropout_prob",
            "attention_probs_dropout_prob",
            "classifier_dropout",
            "gradient_checkpointing",
            "output_past",
            "pooler_fc_size",
            "pooler_num_attention_heads",
            "pooler_num_fc_layers",
            "pooler_size_per_head",
            "pooler_type",
            "directionality"
        );
        fields.RequireFalse("is_decoder");
        if (fields.Text("position_embedding_type") is string positions && positions != "absolute")
            throw fields.Fault($"'position_embedding_type' is '{positions}'; only 'absolute' is supported.");
        if (fields.Integer("embedding_size") is int embedding && embedding != fields.Required("hidden_size"))
            throw fields.Fault($"'embedding_size' is {embedding}; only hidden_size ({fields.Required("hidden_size")}) is supported.");
        BertConfig config = new()
        {
            ModelType = type,
            VocabularySize = fields.Required("vocab_size"),
            HiddenSize = fields.Required("hidden_size"),
            Layers = fields.Required("num_hidden_layers"),
            Heads = fields.Required("num_attention_heads"),
            IntermediateSize = fields.Required("intermediate_size"),
            Positions = fields.Required("max_position_embeddings"),
            FirstPosition = type == "bert" ? 0 : (fields.TokenId("pad_token_id") ?? 1) + 1,
            Types = fields.Integer("type_vocab_size") ?? (type == "bert" ? 2 : 1),
            NormEpsilon = fields.Number("layer_norm_eps") ?? 1e-12,
            Activation = fields.Text("hidden_act") switch
            {
                null or "gelu" => DecoderActivation.Gelu,
                "gelu_new" or "gelu_pytorch_tanh" or "gelu_fast" => DecoderActivation.GeluTanh,
                string other => throw fields.Fault(
                    $"hidden_act '{other}' is not supported; supported are gelu, gelu_new, gelu_fast and gelu_pytorch_tanh."
                ),
            },
        };
        config.Validate();
        return config;
    }

    /// <summary>
    /// Every tensor that the forward pass reads, without the "bert." or "roberta." that checkpoints of whole models have in front.
    /// </summary>
    public static IEnumerable<(string Name, long[] Shape)> Tensors(BertConfig config)
    {
        int hidden = config.HiddenSize,
            inner = config.IntermediateSize;
        return
        [
            ("embeddings.word_embeddings.weight", [config.VocabularySize, hidden]),
            ("embeddings.position_embeddings.weight", [config.Positions, hidden]),
            ("embeddings.token_type_embeddings.weight", [config.Types, hidden]),
            .. Norm("embeddings.LayerNorm"),
            .. Enumerable
                .Range(0, config.Layers)
                .Select(i => $"encoder.layer.{i}.")
                .SelectMany(layer =>
                    ((string Name, long[] Shape)[])
                        [
                            .. Map(layer + "attention.self.query", hidden, hidden),
                            .. Map(layer + "attention.self.key", hidden, hidden),
                            .. Map(layer + "attention.self.value", hidden, hidden),
                            .. Map(layer + "attention.output.dense", hidden, hidden),
                            .. Norm(layer + "attention.output.LayerNorm"),
                            .. Map(layer + "intermediate.dense", inner, hidden),
                            .. Map(layer + "output.dense", hidden, inner),
                            .. Norm(layer + "output.LayerNorm"),
                        ]
                ),
        ];

        static (string, long[])[] Map(string name, int outputs, int inputs) =>
            [(name + ".weight", [outputs, inputs]), (name + ".bias", [outputs])];

        (string, long[])[] Norm(string name) => [(name + ".weight", [hidden]), (name + ".bias", [hidden])];
    }

    /// <summary>The tensors in a checkpoint, checked.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, has another shape or type, or has no place in the model.</exception>
    public EncoderWeights Open(SafetensorsSet weights) =>
        new(
            weights,
            ModelType,
            Tensors(this),
            ["", "bert.", "roberta."],
            ["embeddings.position_ids", "pooler.", "cls.", "lm_head.", "classifier."]
        );

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
                    ("max_position_embeddings", Positions),
                    ("type_vocab_size", Types),
                ]
        )
        {
            if (value <= 0)
                throw new ArgumentException($"{name} is {value}, not a positive number.");
        }
        if (HiddenSize % Heads != 0)
            throw new ArgumentException($"hidden_size {HiddenSize} is not a multiple of num_attention_heads {Heads}.");
        if (LongestSequence <= 0)
            throw new ArgumentException($"max_position_embeddings {Positions} leaves no position behind pad_token_id {FirstPosition - 1}.");
        if (!(NormEpsilon >= 0) || !double.IsFinite(NormEpsilon))
            throw new ArgumentException($"layer_norm_eps {NormEpsilon} is not a number from 0 up.");
    }
}
