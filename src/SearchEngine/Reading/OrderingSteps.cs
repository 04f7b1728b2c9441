namespace SearchEngine.Reading;

/// <summary>What happens to ranked candidates before they become hits. Thread-safe.</summary>
internal sealed class OrderingSteps(BoostStep boosts, DiversityStep diversity)
{
    /// <summary>The candidates that may be hits, in the hits' order. The caller has entered the moment in which they are visible.</summary>
    /// <param name="plan">The search.</param>
    /// <param name="ranked">The candidates as rankers and reranker have them.</param>
    public CandidateOrder Arrange(SearchPlan plan, IEnumerable<RankFusion.Fused> ranked)
    {
        var request = plan.Request;
        if (request.Boosts.Count > 0)
            ranked = boosts.Apply(plan, [.. ranked]);
        else if (request.ExplainKey is not null)
            ranked = [.. ranked];
        var all = ranked;
        if (request.MinimumScore is { } minimum)
            ranked = ranked.Where(candidate => candidate.Score >= minimum);
        if (request.Diversity is null)
            return new CandidateOrder(ranked) { All = all };
        var (order, explanations) = diversity.Order(plan, [.. ranked]);
        return new CandidateOrder(order) { All = all, Diversity = explanations };
    }
}
