namespace SearchEngine.Reading;

/// <summary>Says how a candidate came by its score and its place. Thread-safe.</summary>
internal sealed class HitExplainer(ICandidateSource source)
{
    /// <summary>The explanation; its contributions add up to the score.</summary>
    /// <param name="plan">The search.</param>
    /// <param name="candidate">A ranked candidate.</param>
    /// <param name="candidates">What the rankers brought.</param>
    /// <param name="order">The order in which it stands.</param>
    /// <param name="distance">Its distance; null where it has none that counts.</param>
    public SearchExplanation Explain(
        SearchPlan plan,
        RankFusion.Fused candidate,
        Candidates candidates,
        CandidateOrder order,
        float? distance
    )
    {
        var vector = distance is { } known
            ? new RankerExplanation(candidate.VectorRank, DistanceScore.FromDistance(plan.Metric, known), candidate.VectorPart)
            : null;
        var score = KeywordScoreOf(candidate, candidates);
        var explanation = new SearchExplanation(vector, null, candidate.Score, [])
        {
            Reranker =
                candidate.RerankRank > 0 ? new RankerExplanation(candidate.RerankRank, candidate.RerankScore, candidate.RerankPart) : null,
            Vectors = vector is null ? [] : candidates.Joint?.Explain(candidate.Ordinal, candidate.VectorPart) ?? [],
            Boosts = candidate.IsBoosted ? Boosts(plan, candidate.Ordinal) : [],
            Diversity = order.Diversity.GetValueOrDefault(candidate.Ordinal),
        };
        if (candidate.KeywordRank == 0 && score == 0)
            return explanation;
        return explanation with
        {
            Keyword = new RankerExplanation(candidate.KeywordRank, score, candidate.KeywordPart),
            Terms = source.TermsOf(plan, candidate.Ordinal),
        };
    }

    private BoostContribution[] Boosts(SearchPlan plan, int ordinal)
    {
        var document = source.Read(ordinal, includeVectors: false);
        return [.. plan.Request.Boosts.Select(boost => BoostFunctions.Of(boost, document, plan.Now))];
    }

    private static double KeywordScoreOf(RankFusion.Fused candidate, Candidates candidates)
    {
        if (candidate.KeywordRank > 0)
            return candidates.Keyword[candidate.KeywordRank - 1].Score;
        // Weighed for the fusion, or brought from deeper than the candidates that it was fused with.
        return candidates.Weighed.Concat(candidates.Keyword).FirstOrDefault(hit => hit.Ordinal == candidate.Ordinal).Score;
    }
}
