namespace SearchEngine.Vectors;

/// <summary>The shape and the tuning of a vector index. Immutable; validated when an index is created.</summary>
public sealed record VectorIndexOptions
{
    /// <summary>The smallest dimension an index takes.</summary>
    public const int MinDimension = 2;

    /// <summary>The largest dimension an index takes.</summary>
    public const int MaxDimension = 8192;

    /// <summary>
    /// Links per node on the upper layers; the base layer has twice as many. 16 suits text embeddings; more buys recall with memory.
    /// </summary>
    public const int DefaultM = 16;

    /// <summary>Beam width while building: where recall stops gaining for most data at M = 16.</summary>
    public const int DefaultEfConstruction = 200;

    /// <summary>Beam width of a search that names none: about .99 recall@10 on the data sets of docs/benchmarks/ann.md.</summary>
    public const int DefaultEfSearch = 64;

    /// <summary>The number of components of every vector, <see cref="MinDimension"/> to <see cref="MaxDimension"/>.</summary>
    public required int Dimension { get; init; }

    /// <summary>The distance. A graph index takes cosine, dot product and Euclidean; the flat index all five.</summary>
    public DistanceMetric Metric { get; init; } = DistanceMetric.Cosine;

    /// <summary>How vectors are held for the graph search. The flat index is exact and always holds 32-bit floats.</summary>
    public VectorQuantization Quantization { get; init; } = VectorQuantization.Int8;

    /// <summary>Links per node on the upper layers (the base layer has 2 × M); 2 to 128.</summary>
    public int M { get; init; } = DefaultM;

    /// <summary>Beam width while building; at least M, at most 4,096.</summary>
    public int EfConstruction { get; init; } = DefaultEfConstruction;

    /// <summary>Beam width of a search that names none; 1 to 65,536.</summary>
    public int EfSearch { get; init; } = DefaultEfSearch;

    /// <summary>
    /// Decides the layer of every ordinal and the rotation of the quantizer: with one build thread the same seed and the same order give
    /// the same graph.
    /// </summary>
    public int Seed { get; init; } = 42;

    /// <summary>Threads that <see cref="VectorIndex.AddRange"/> uses when it is told 0; 0 here means one per processor.</summary>
    public int BuildThreads { get; init; }

    /// <summary>
    /// Vectors from which on searches and inserts start from pivots too: nodes spread over the base layer, the nearest of which are found
    /// by sketches
    /// of 256 bits; at least 1. Small collections do as well with the layers alone; in large ones of many separate groups these lead
    /// astray.
    /// Vectors of fewer than 32 components and one-bit codes go without. <see cref="int.MaxValue"/> turns pivots off.
    /// </summary>
    public int PivotsFrom { get; init; } = 16_384;

    internal void Validate()
    {
        if (Dimension is < MinDimension or > MaxDimension)
            throw new ArgumentOutOfRangeException(nameof(Dimension), Dimension, $"The dimension must be {MinDimension} to {MaxDimension}.");
        if (!Enum.IsDefined(Metric))
            throw new ArgumentOutOfRangeException(nameof(Metric), Metric, "Unknown distance metric.");
        if (!Enum.IsDefined(Quantization))
            throw new ArgumentOutOfRangeException(nameof(Quantization), Quantization, "Unknown quantization.");
        if (M is < 2 or > 128)
            throw new ArgumentOutOfRangeException(nameof(M), M, "M must be 2 to 128.");
        if (EfConstruction < M || EfConstruction > 4096)
            throw new ArgumentOutOfRangeException(nameof(EfConstruction), EfConstruction, $"EfConstruction must be M ({M}) to 4096.");
        if (EfSearch is < 1 or > 65536)
            throw new ArgumentOutOfRangeException(nameof(EfSearch), EfSearch, "EfSearch must be 1 to 65536.");
        if (PivotsFrom < 1)
            throw new ArgumentOutOfRangeException(nameof(PivotsFrom), PivotsFrom, "PivotsFrom must be at least 1.");
        if (BuildThreads is < 0 or > 1024)
        {
            throw new ArgumentOutOfRangeException(
                nameof(BuildThreads),
                BuildThreads,
                "BuildThreads must be 0 (one per processor) to 1024."
            );
        }
    }
}
