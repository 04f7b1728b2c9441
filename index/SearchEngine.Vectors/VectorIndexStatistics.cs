namespace SearchEngine.Vectors;

/// <summary>What a vector index holds, at one moment.</summary>
public sealed record VectorIndexStatistics
{
    /// <summary>Vectors that searches can return.</summary>
    public required int Count { get; init; }

    /// <summary>Vectors that were removed and wait for <see cref="VectorIndex.Repair"/>.</summary>
    public required int Removed { get; init; }

    /// <summary>Bytes of codes (quantized vectors with their correction terms), live and removed.</summary>
    public required long CodeBytes { get; init; }

    /// <summary>Bytes of links and per-node state.</summary>
    public required long GraphBytes { get; init; }

    /// <summary>Bytes of full-precision vectors that the index holds itself for re-ranking; 0 when a reader gives them.</summary>
    public required long FullPrecisionBytes { get; init; }

    /// <summary>Number of layers of the graph; 0 when empty or flat.</summary>
    public required int Layers { get; init; }

    /// <summary>
    /// How badly the newest vectors fit the quantizer, as the mean share of a vector's length that encoding loses, divided by what it
    /// lost when the quantizer was fitted: about 1 is normal, above 1.5 the distribution has moved and the quantizer is fitted again.
    /// </summary>
    public required double QuantizerDrift { get; init; }
}
