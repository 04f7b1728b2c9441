using SearchEngine.Vectors;

namespace SearchEngine.Reading;

/// <summary>Makes one order of what the rankers and the reranker say; <see cref="RerankOptions"/> has the formula.</summary>
internal static class RerankOrder
{
    /// <summary>The new order.</summary>
    /// <param name="ranked">Candidates, best first.</param>
    /// <param name="window">How many of the first were to be read: what stands behind them does not change their scores.</param>
    /// <param name="scores">The reranker's scores of the first of them.</param>
    /// <param name="weight">Its share, 0 to 1.</param>
    /// <param name="least">The least score that the ranking before can give; null where there is none.</param>
    public static IReadOnlyList<RankFusion.Fused> Apply(
        IReadOnlyList<RankFusion.Fused> ranked,
        int window,
        IReadOnlyList<double> scores,
        double weight,
        double? least
    )
    {
        if (ranked.Count == 0)
            return ranked;
        var lowest = least ?? ranked.Take(window).Min(candidate => candidate.Score);
        var range = ranked.Take(window).Max(candidate => candidate.Score) - lowest;
        var (worst, best) = scores.Count == 0 ? (0, 0) : (scores.Min(), scores.Max());
        var places = new int[scores.Count];
        foreach (var (place, i) in Enumerable.Range(0, scores.Count).OrderByDescending(i => scores[i]).Select((i, place) => (place, i)))
            places[i] = place + 1;
        var shares = ranked.Select(
            (candidate, i) =>
            {
                var based = candidate.WithBase((1 - weight) * (range > 0 ? (candidate.Score - lowest) / range : 1));
                return i >= scores.Count
                    ? based
                    : based with
                    {
                        RerankRank = places[i],
                        RerankScore = scores[i],
                        RerankPart = weight * (best > worst ? (scores[i] - worst) / (best - worst) : 1),
                    };
            }
        );
        // Stable: of equals the one that stood before. What was not read stands behind what was, and has no better score.
        RankFusion.Fused[] read = [.. shares.Take(scores.Count).OrderByDescending(candidate => candidate.Score)];
        var floor = read.Length == 0 ? double.PositiveInfinity : read[^1].Score;
        return [.. read, .. shares.Skip(scores.Count).Select(candidate => candidate.WithBase(Math.Min(candidate.Score, floor)))];
    }

    /// <summary>The least score that a search's ranking can give; null where there is none.</summary>
    public static double? LeastOf(SearchPlan plan) =>
        plan.Request.Mode != SearchMode.Vector || plan.IsJoint ? 0
        : plan.Metric == DistanceMetric.Cosine ? -1
        : null;
}
