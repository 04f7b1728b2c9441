namespace SearchEngine.SemanticKernel;

/// <summary>A hit with what the abstraction's result has no place for.</summary>
/// <param name="Record">The record.</param>
/// <param name="Score">The score that the hit is ordered by; larger is better.</param>
/// <param name="Explanation">Each ranker's rank, score and contribution, and the terms that matched.</param>
public sealed record SearchEngineSearchResult<TRecord>(TRecord Record, double Score, SearchExplanation? Explanation)
    where TRecord : class
{
    /// <summary>The passage that matched; null unless asked for.</summary>
    public Snippet? Snippet { get; init; }

    /// <summary>The vector distance (smaller is better); null where the hit has none, or several vectors were searched.</summary>
    public float? Distance { get; init; }

    /// <summary>The value that the hit is grouped by; null where it has none, or nothing is grouped.</summary>
    public object? Group { get; init; }
}
