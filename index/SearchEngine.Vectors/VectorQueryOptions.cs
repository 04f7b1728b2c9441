namespace SearchEngine.Vectors;

/// <summary>What one search asks for beyond the query vector. The default value is a plain search.</summary>
public readonly record struct VectorQueryOptions
{
    /// <summary>
    /// The beam width (ef): larger finds more of the true neighbours and takes longer; never less than 10. Results behind the first ef of a
    /// search
    /// (the first half of it where this is 0) come from beams that are widened as far as needed. 0 takes
    /// <see cref="VectorIndexOptions.EfSearch"/>.
    /// </summary>
    public int Ef { get; init; }

    /// <summary>
    /// Ends a search of the graph when the nearest candidate left is more than 1 + Slack times as far as the worst result would be (under
    /// cosine, the
    /// distance between vectors of length 1), so that easy queries stop early and hard ones use the beam: give a wide <see cref="Ef"/> (200
    /// for
    /// ten results) and 0.02 to 0.1. 0 expands the whole beam. Source: Al-Jazzazi et al. 2025, "Distance
    /// Adaptive Beam Search for Provably Accurate Graph-Based Nearest Neighbor Search".
    /// </summary>
    public float Slack { get; init; }

    /// <summary>
    /// How many candidates are re-ranked with full-precision vectors: 0 chooses from the quantizer and the number of results, -1 re-ranks
    /// none (distances are then estimates).
    /// </summary>
    public int Rerank { get; init; }

    /// <summary>
    /// Only ordinals in this set are returned; null admits all. The set is not changed and must not change during the search.
    /// </summary>
    public OrdinalSet? Filter { get; init; }
}
