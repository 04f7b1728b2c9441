namespace SearchEngine;

/// <summary>The hits of a search and what else there is to say about it.</summary>
/// <param name="Hits">Best first, or in the order asked for.</param>
public sealed record SearchResults(IReadOnlyList<SearchHit> Hits)
{
    /// <summary>The words that were put right before the search; null where nothing was.</summary>
    public SpellingCorrection? Correction { get; init; }

    /// <summary>What the reranker did; null where none was asked for.</summary>
    public RerankReport? Rerank { get; init; }

    /// <summary>What became of the record that was asked about; null where none was (<see cref="SearchRequest.ExplainKey"/>).</summary>
    public SearchVerdict? Verdict { get; init; }

    /// <summary>
    /// The shards that could not be asked, by number: hits, totals, facets and scores are those of the others. Empty unless
    /// <see cref="SearchRequest.AllowPartial"/>.
    /// </summary>
    public IReadOnlyList<int> MissingShards { get; init; } = [];

    /// <summary>
    /// Records that match: in keyword searches those that hold one of the words, else all that pass the filter; null unless asked for.
    /// </summary>
    public long? Total { get; init; }

    /// <summary>Counts over all records that match (see <see cref="Total"/>), in the order in which they were asked for.</summary>
    public IReadOnlyList<Facet> Facets { get; init; } = [];
}
