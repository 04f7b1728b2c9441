namespace SearchEngine;

/// <summary>Defaults of the search, each with its reason.</summary>
public static class SearchDefaults
{
    /// <summary>Hits returned.</summary>
    public const int Top = 10;

    /// <summary>Candidates a ranker brings to the fusion: deeper ones change the first ten hardly ever, and cost time.</summary>
    public const int FusionDepth = 100;

    /// <summary>Candidates that boosts reach: as deep as the rankers look for the first hits; each costs the reading of a record.</summary>
    public const int BoostCandidates = 100;

    /// <summary>
    /// Weight of the vector ranking from which a hybrid search starts where neither the request nor the embedding model gives one (<see
    /// cref="FusionOptions.StartingWeight"/>); keywords have the rest. Relative cosines are near each other, BM25's relative scores far
    /// apart, so that at this weight both rankings pull about alike (docs/training.md has the figures for several models).
    /// </summary>
    public const double VectorWeight = 0.75;

    /// <summary>
    /// Candidates of each ranker that a search with <see cref="SearchRequest.ExplainKey"/> looks at: far enough to say where a
    /// record stands that somebody misses, and a fifth of a second (50,000 records).
    /// </summary>
    public const int VerdictReach = 10_000;

    /// <summary>Characters of a snippet: about two lines of a terminal.</summary>
    public const int SnippetLength = 240;
}
