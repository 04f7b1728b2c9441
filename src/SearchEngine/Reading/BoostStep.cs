namespace SearchEngine.Reading;

/// <summary>Adds to the best candidates what their fields come to, and orders them anew. Thread-safe.</summary>
internal sealed class BoostStep(ICandidateSource source)
{
    /// <summary>
    /// The candidates with their new scores, in their order: the first in a new one, the others behind them, with no better score.
    /// </summary>
    /// <param name="plan">A search with <see cref="SearchRequest.Boosts"/>. The caller has entered its moment.</param>
    /// <param name="ranked">The candidates in their order.</param>
    public IReadOnlyList<RankFusion.Fused> Apply(SearchPlan plan, IReadOnlyList<RankFusion.Fused> ranked)
    {
        var window = ranked.Take(SearchPlan.BoostWindow(plan.Request)).ToArray();
        if (window.Length == 0)
            return ranked;
        // A reranker's scores go from 0 to 1 already.
        var isRelative = plan.Request.Rerank is not null;
        var lowest = isRelative ? 0 : RerankOrder.LeastOf(plan) ?? window.Min(candidate => candidate.Score);
        var range = isRelative ? 1 : window.Max(candidate => candidate.Score) - lowest;
        RankFusion.Fused Relative(RankFusion.Fused candidate) =>
            isRelative ? candidate : candidate.WithBase(range > 0 ? (candidate.Score - lowest) / range : 1);
        // Stable: of equals the one that stood before.
        RankFusion.Fused[] boosted =
        [
            .. window
                .Select(candidate => Relative(candidate) with { BoostPart = PartOf(plan, candidate.Ordinal), IsBoosted = true })
                .OrderByDescending(candidate => candidate.Score),
        ];
        var floor = boosted[^1].Score;
        return
        [
            .. boosted,
            .. ranked
                .Skip(window.Length)
                .Select(Relative)
                .Select(candidate => candidate.Score <= floor ? candidate : candidate.WithBase(floor)),
        ];
    }

    private double PartOf(SearchPlan plan, int ordinal)
    {
        var document = source.Read(ordinal, includeVectors: false);
        return plan.Request.Boosts.Sum(boost => BoostFunctions.Of(boost, document, plan.Now).Contribution);
    }
}
