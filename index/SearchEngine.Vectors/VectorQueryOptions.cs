namespace SearchEngine.Vectors;

/// <summary>What one search asks for beyond the query vector. The default value is a plain search.</summary>
public readonly record struct VectorQueryOptions
{
    /// <summary>The beam width (ef): larger finds more of the true neighbours and takes longer. 0 takes <see cref="VectorIndexOptions.EfSearch"/>; never less than the number of results wanted.</summary>
    public int Ef { get; init; }

    /// <summary>How many candidates are re-ranked with full-precision vectors: 0 chooses from the quantizer and the number of results, -1 re-ranks none (distances are then estimates).</summary>
    public int Rerank { get; init; }

    /// <summary>Only ordinals in this set are returned; null admits all. The set is not changed and must not change during the search.</summary>
    public OrdinalSet? Filter { get; init; }
}
