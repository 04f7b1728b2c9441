namespace SearchEngine.Training;

/// <summary>A LLaMA-shaped model to create instead of loading one.</summary>
public sealed record NewModelConfig
{
    /// <summary>The SentencePiece tokenizer.model, relative to the configuration file.</summary>
    public required string Tokenizer { get; init; }

    /// <summary>Elements of a hidden state, and of the embedding.</summary>
    public int HiddenSize { get; init; } = 384;

    /// <summary>Decoder layers.</summary>
    public int Layers { get; init; } = 4;

    /// <summary>Query heads; divides the hidden size.</summary>
    public int Heads { get; init; } = 6;

    /// <summary>Key and value heads; divides the query heads.</summary>
    public int KeyValueHeads { get; init; } = 6;

    /// <summary>Inner width of the feed-forward part.</summary>
    public int IntermediateSize { get; init; } = 1024;

    /// <summary>Longest sequence the model claims to handle.</summary>
    public int MaximumPositions { get; init; } = 2048;

    /// <summary>
    /// Starts token embeddings from word vectors learnt on the training data, weighted by smooth inverse frequency, and every layer's
    /// output at zero, so
    /// that the untrained model already is a weighted mean of word vectors. False draws everything at random.
    /// </summary>
    public bool WordVectors { get; init; }
}
