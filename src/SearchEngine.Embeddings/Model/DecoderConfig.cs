using SearchEngine.Embeddings.Model;

namespace SearchEngine.Embeddings;

/// <summary>The gate's nonlinearity in the feed-forward part.</summary>
internal enum DecoderActivation
{
    /// <summary>x · sigmoid(x).</summary>
    Silu,

    /// <summary>GELU by the tanh formula (Gemma).</summary>
    GeluTanh,

    /// <summary>GELU by the error function.</summary>
    Gelu,
}

/// <summary>
/// The shape of a decoder-only transformer: everything that its forward pass depends on besides the weights. The defaults are LLaMA's;
/// <see cref="DecoderConfigReader"/> fills it from a config.json and <see cref="DecoderConfigWriter"/> writes one.
/// </summary>
internal sealed record DecoderConfig : IModelConfig
{
    /// <summary>The <c>model_type</c> of config.json: llama, mistral, qwen2, qwen3, gemma, gemma2 or gemma3_text.</summary>
    public string ModelType { get; init; } = "llama";

    /// <summary>Rows of the token embedding.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Elements of a hidden state.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Inner width of the feed-forward part.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Query heads per layer.</summary>
    public required int Heads { get; init; }

    /// <summary>Key and value heads per layer; divides <see cref="Heads"/>.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Elements per head; 0 in code means hidden size / heads.</summary>
    public int HeadDim { get; init; }

    /// <summary>Added to the mean square in every RMSNorm.</summary>
    public double NormEpsilon { get; init; } = 1e-5;

    /// <summary>Base of the rotary frequencies.</summary>
    public double RopeTheta { get; init; } = 10_000;

    /// <summary>Scaling of the rotary frequencies, or null.</summary>
    public RopeScaling? RopeScaling { get; init; }

    /// <summary>
    /// Base of the rotary frequencies, unscaled, of layers with a sliding window (Gemma 3); null where they are like the others.
    /// </summary>
    public double? LocalRopeTheta { get; init; }

    /// <summary>The longest sequence that the checkpoint claims to handle, in tokens.</summary>
    public int MaxPositions { get; init; } = 2048;

    /// <summary>True if the LM head is the embedding matrix.</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>Biases on the query, key and value projections.</summary>
    public bool AttentionBias { get; init; }

    /// <summary>A bias on the attention's output projection.</summary>
    public bool AttentionOutputBias { get; init; }

    /// <summary>Biases on the feed-forward projections.</summary>
    public bool MlpBias { get; init; }

    /// <summary>RMSNorm over each query and key head before the rotation (Qwen3, Gemma 3).</summary>
    public bool QueryKeyNorm { get; init; }

    /// <summary>The feed-forward gate's nonlinearity.</summary>
    public DecoderActivation Activation { get; init; } = DecoderActivation.Silu;

    /// <summary>Gemma: norms multiply by 1 + weight.</summary>
    public bool OffsetNorm { get; init; }

    /// <summary>Gemma 2 and 3: also a norm after attention and after the feed-forward part, before the residual sum.</summary>
    public bool PostNorms { get; init; }

    /// <summary>Gemma: embeddings are multiplied by √hidden.</summary>
    public bool ScaleEmbeddings { get; init; }

    /// <summary>Attention scores are divided by the root of this; null means the head's elements.</summary>
    public double? QueryPreAttentionScalar { get; init; }

    /// <summary>Gemma 2: attention scores pass cap · tanh(score / cap).</summary>
    public double? AttentionSoftcap { get; init; }

    /// <summary>Gemma 2: LM head logits pass cap · tanh(logit / cap).</summary>
    public double? LogitSoftcap { get; init; }

    /// <summary>
    /// In causal attention, how many tokens a position sees, itself included, in layers of <see cref="SlidingLayers"/>; null for all.
    /// </summary>
    public int? SlidingWindow { get; init; }

    /// <summary>For each layer, whether <see cref="SlidingWindow"/> applies to it. Null means every layer.</summary>
    public IReadOnlyList<bool>? SlidingLayers { get; init; }

    /// <summary>
    /// EmbeddingGemma: the checkpoint is bidirectional by itself, and its window holds to both sides:
    /// tokens less than window / 2 + 1 apart see each other.
    /// </summary>
    public bool TwoSidedWindow { get; init; }

    /// <summary>
    /// What the checkpoint itself says about attention: true if it was made bidirectional (<c>use_bidirectional_attention</c>, or
    /// <c>is_causal</c> false), null if it does not say.
    /// </summary>
    public bool? Bidirectional { get; init; }

    /// <summary>Standard deviation of freshly initialised weights.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Begin-of-sequence token of config.json, if named.</summary>
    public int? BosTokenId { get; init; }

    /// <summary>End-of-sequence token of config.json (the first, if several), if named.</summary>
    public int? EosTokenId { get; init; }

    /// <summary>Padding token of config.json, if named.</summary>
    public int? PadTokenId { get; init; }

    /// <summary>Elements per head, resolved.</summary>
    public int HeadSize => HeadDim > 0 ? HeadDim : HiddenSize / Heads;

    /// <summary>Number of parameters, the LM head counted only if it is separate.</summary>
    public long ParameterCount
    {
        get
        {
            var perLayer =
                (long)HiddenSize * HeadSize * (2 * Heads + 2 * KeyValueHeads)
                + 3L * HiddenSize * IntermediateSize
                + HiddenSize * (PostNorms ? 4 : 2)
                + (QueryKeyNorm ? 2 * HeadSize : 0)
                + (AttentionBias ? HeadSize * (Heads + 2 * KeyValueHeads) : 0)
                + (AttentionOutputBias ? HiddenSize : 0)
                + (MlpBias ? HiddenSize + 2 * IntermediateSize : 0);
            return perLayer * Layers + (long)VocabularySize * HiddenSize * (TieWordEmbeddings ? 1 : 2) + HiddenSize;
        }
    }

    int IModelConfig.LongestSequence => RopeScaling is { EndsAtOriginal: true } scaling ? scaling.OriginalMaxPositions : MaxPositions;

    bool IModelConfig.EndsAtLongest => RopeScaling is { EndsAtOriginal: true };

    string IModelConfig.Identity =>
        $"{this with { MaxPositions = 0, BosTokenId = null, EosTokenId = null, PadTokenId = null, SlidingLayers = null, Bidirectional = null }}"
        + $"|{string.Join(',', Enumerable.Range(0, Layers).Select(IsSliding))}";

    /// <summary>True if layer <paramref name="layer"/> looks only through the sliding window.</summary>
    public bool IsSliding(int layer) => SlidingWindow is not null && (SlidingLayers is null || SlidingLayers[layer]);

    /// <summary>Throws if the numbers contradict each other.</summary>
    /// <exception cref="ArgumentException">The message names the field.</exception>
    public void Validate()
    {
        Positive(VocabularySize, "vocab_size");
        Positive(HiddenSize, "hidden_size");
        Positive(IntermediateSize, "intermediate_size");
        Positive(Layers, "num_hidden_layers");
        Positive(Heads, "num_attention_heads");
        Positive(KeyValueHeads, "num_key_value_heads");
        Positive(MaxPositions, "max_position_embeddings");
        if (Heads % KeyValueHeads != 0)
            throw new ArgumentException($"num_attention_heads {Heads} is not a multiple of num_key_value_heads {KeyValueHeads}.");
        if (HeadDim <= 0 && HiddenSize % Heads != 0)
        {
            throw new ArgumentException(
                $"hidden_size {HiddenSize} is not a multiple of num_attention_heads {Heads}, and there is no head_dim."
            );
        }
        if (HeadSize % 2 != 0)
            throw new ArgumentException($"head_dim {HeadSize} is odd; rotary embeddings need pairs.");
        if (!(RopeTheta > 0) || !double.IsFinite(RopeTheta))
            throw new ArgumentException($"rope_theta {RopeTheta} is not a positive number.");
        if (!(NormEpsilon >= 0) || !double.IsFinite(NormEpsilon))
            throw new ArgumentException($"rms_norm_eps {NormEpsilon} is not a number from 0 up.");
        if (SlidingLayers is not null && SlidingLayers.Count != Layers)
            throw new ArgumentException($"layer_types has {SlidingLayers.Count} entries for {Layers} layers.");
    }

    private static void Positive(int value, string name)
    {
        if (value <= 0)
            throw new ArgumentException($"{name} is {value}, not a positive number.");
    }
}
