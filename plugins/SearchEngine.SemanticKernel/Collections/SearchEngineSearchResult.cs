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
}
