namespace SearchEngine.Reading;

/// <summary>The candidates in the order of the hits.</summary>
/// <param name="Ranked">The candidates.</param>
internal sealed record CandidateOrder(IEnumerable<RankFusion.Fused> Ranked)
{
    /// <summary>The same, and those whose score is less than the least asked for, in their order.</summary>
    public IEnumerable<RankFusion.Fused> All { get; init; } = Ranked;

    /// <summary>By ordinal, why a candidate stands where it does; empty where the order is the score's.</summary>
    public IReadOnlyDictionary<int, DiversityExplanation> Diversity { get; init; } = new Dictionary<int, DiversityExplanation>();
}
