namespace SearchEngine.Embeddings;

/// <summary>A tokenised text on its way through the model.</summary>
/// <param name="Ids">Its tokens, at least one.</param>
/// <param name="PoolStart">The first token to be pooled.</param>
/// <param name="PoolEnd">One past the last token to be pooled; greater than <paramref name="PoolStart"/>.</param>
internal readonly record struct EncoderInput(int[] Ids, int PoolStart, int PoolEnd)
{
    /// <summary>
    /// Tokens of type 0 in front; those behind them are of type 1 (the second text of a pair). For models with types; null: all of type 0.
    /// </summary>
    public int? FirstTexts { get; init; }

    /// <summary>
    /// Whether the tokens from <see cref="PoolStart"/> to <see cref="PoolEnd"/> give their states one behind the other, in place of a
    /// pooled vector.
    /// </summary>
    public bool KeepsStates { get; init; }

    /// <summary>The tokens that a pooling looks at: the first, and one past the last.</summary>
    public (int From, int To) PooledTokens(PoolingMode pooling) =>
        pooling switch
        {
            PoolingMode.First => (0, 1),
            PoolingMode.Last => (Ids.Length - 1, Ids.Length),
            _ => (PoolStart, PoolEnd),
        };
}

/// <summary>Computes pooled vectors of batches of tokenised texts. One thread at a time may use an instance.</summary>
internal abstract class TextEncoder : IDisposable
{
    /// <summary>Elements of a pooled vector.</summary>
    public abstract int Dimension { get; }

    /// <summary>The rows of the token embedding; ids must be below.</summary>
    public abstract int VocabularySize { get; }

    /// <summary>What computes, for people: device and data type.</summary>
    public abstract string Description { get; }

    /// <summary>Computes the vectors of a batch, not normalised.</summary>
    /// <param name="batch">Texts, sorted by length.</param>
    /// <returns>One vector of <see cref="Dimension"/> elements for each text; (tokens, dimension) where its states are kept.</returns>
    public abstract float[][] Encode(ReadOnlySpan<EncoderInput> batch);

    public abstract void Dispose();
}
