namespace SearchEngine;

/// <summary>One hit of a search.</summary>
/// <param name="Document">The record; vectors only where asked for.</param>
/// <param name="Score">
/// Larger is better. Hybrid: the fused score. Keyword: BM25. Vector: cosine similarity, dot product, or minus the distance for the other
/// metrics.
/// </param>
public sealed record SearchHit(Document Document, double Score)
{
    /// <summary>The record's key.</summary>
    public RecordKey Key => Document.Key;

    /// <summary>The vector distance (smaller is better) where the vector ranker scored the record, else null.</summary>
    public float? Distance { get; init; }

    /// <summary>The value that the hit is grouped by; null where it has none, or nothing is grouped.</summary>
    public object? Group { get; init; }

    /// <summary>What each ranker said; null unless asked for.</summary>
    public SearchExplanation? Explanation { get; init; }

    /// <summary>The best passage of the asked field; null unless asked for.</summary>
    public Snippet? Snippet { get; init; }
}
