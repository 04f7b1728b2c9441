namespace SearchEngine.Embeddings;

/// <summary>How an <see cref="Llm2VecEmbeddingGenerator"/> is loaded and run. What is null is taken from the model's folder.</summary>
public sealed record Llm2VecOptions
{
    /// <summary>
    /// Where the model lies: a Hugging Face checkpoint, an LLM2Vec or PEFT adapter folder, or a sentence-transformers folder.
    /// </summary>
    public string ModelPath { get; set; } = "";

    /// <summary>PEFT LoRA adapter folders applied in this order on top of the model's own.</summary>
    public IReadOnlyList<string> Adapters { get; set; } = [];

    /// <summary>
    /// True adds the adapters to the weights when loading (fastest). False keeps the last one apart and computes it beside the weights,
    /// which is exact in low precision; the ones before it are merged, as the LLM2Vec recipe does.
    /// </summary>
    public bool MergeAdapters { get; set; } = true;

    /// <summary>
    /// "auto" (every CUDA device if there is one, else the CPU), "cpu", "cuda" (every CUDA device), "cuda:N" or several of
    /// these with commas between. Each device gets a replica of the model; they share the work.
    /// </summary>
    public string Device { get; set; } = "auto";

    /// <summary>
    /// "auto" (float32 on the CPU, int8 there for a model whose weights are quantized in its files, bfloat16 on CUDA), "float32",
    /// "bfloat16", "float16", or "int8": weights and activations of the linear maps in eight bits, on the CPU only.
    /// </summary>
    public string DataType { get; set; } = "auto";

    /// <summary>
    /// The most tokens of a text, template and prompt included; longer texts are cut at their end. Null: the folder's; where a
    /// sentence-transformers folder does not say, the smaller of what model and tokenizer can; 512 elsewhere.
    /// </summary>
    public int? MaxLength { get; set; }

    /// <summary>
    /// Null: the folder's; bidirectional for encoders, LLM2Vec and plain checkpoints, causal for sentence-transformers folders of decoders.
    /// Encoders cannot be causal.
    /// </summary>
    public AttentionMode? Attention { get; set; }

    /// <summary>Null: the folder's, or mean.</summary>
    public PoolingMode? Pooling { get; set; }

    /// <summary>Whether vectors are scaled to unit length. Null: the folder's, or true.</summary>
    public bool? Normalize { get; set; }

    /// <summary>
    /// Keep only this many first elements of each vector (Matryoshka), before normalisation. Null: all. A request's own
    /// <c>EmbeddingGenerationOptions.Dimensions</c> goes before.
    /// </summary>
    public int? Dimensions { get; set; }

    /// <summary>Put in front of queries as it stands. Null: the folder's; empty: none.</summary>
    public string? QueryPrompt { get; set; }

    /// <summary>Put in front of documents as it stands. Null: the folder's; empty: none.</summary>
    public string? DocumentPrompt { get; set; }

    /// <summary>
    /// True: only the text's own tokens are pooled; prompt, instruction and the tokenizer's template are attended to. False: all tokens are
    /// pooled. Null: the folder's; elsewhere false for encoders, as in sentence-transformers, and true for decoders, as in the LLM2Vec
    /// reference.
    /// </summary>
    public bool? SkipInstruction { get; set; }

    /// <summary>
    /// About how many tokens are computed at once, per device. Null: 512 for each core of a CPU and 16,384 for each CUDA device.
    /// </summary>
    public int? BatchTokens { get; set; }

    /// <summary>The name under which the model reports itself. Null: the folder's name.</summary>
    public string? ModelId { get; set; }

    /// <summary>Fields of config.json that are unknown here, but that the caller knows not to change the result.</summary>
    public IReadOnlyList<string> IgnoredConfigFields { get; set; } = [];

    /// <summary>Where weights are kept that were laid out for this processor's kernels; libtorch does without.</summary>
    public WeightCacheOptions WeightCache { get; set; } = new();
}
