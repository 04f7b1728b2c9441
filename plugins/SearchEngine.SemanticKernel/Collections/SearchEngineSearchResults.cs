namespace SearchEngine.SemanticKernel;

/// <summary>The hits of <see cref="SearchEngineCollection{TKey, TRecord}.FindAsync"/> and what else there is to say about the search.</summary>
/// <param name="Hits">Best first, or in the order asked for.</param>
public sealed record SearchEngineSearchResults<TRecord>(IReadOnlyList<SearchEngineSearchResult<TRecord>> Hits)
    where TRecord : class
{
    /// <summary>Records that match; null unless asked for (<see cref="SearchRequest.CountTotal"/>).</summary>
    public long? Total { get; init; }

    /// <summary>Counts over all records that match, in the order in which they were asked for.</summary>
    public IReadOnlyList<Facet> Facets { get; init; } = [];

    /// <summary>The words that were put right before the search; null where nothing was.</summary>
    public SpellingCorrection? Correction { get; init; }

    /// <summary>What the reranker did; null where none was asked for.</summary>
    public RerankReport? Rerank { get; init; }

    /// <summary>What became of the record that was asked about; null where none was (<see cref="SearchRequest.ExplainKey"/>).</summary>
    public SearchVerdict? Verdict { get; init; }
}
