namespace SearchEngine.Reading;

/// <summary>Puts the best candidates into an order in which alike ones do not stand together. Thread-safe.</summary>
internal sealed class DiversityStep(CollectionSchema schema, ICandidateSource source)
{
    /// <summary>The candidates in their new order, and for those that were chosen by it why they stand there.</summary>
    /// <param name="plan">A search with <see cref="SearchRequest.Diversity"/>. The caller has entered its moment.</param>
    /// <param name="ranked">The candidates in their order.</param>
    public (IReadOnlyList<RankFusion.Fused> Ranked, Dictionary<int, DiversityExplanation> Explanations) Order(
        SearchPlan plan,
        IReadOnlyList<RankFusion.Fused> ranked
    )
    {
        var options = plan.Request.Diversity!;
        var field = plan.DiversityField!;
        var position = schema.Vectors.TakeWhile(vector => vector.Name != field.Name).Count();
        var first = ranked.Take(options.Candidates).ToArray();
        var likeness = new VectorLikeness(
            field.Metric,
            Array.ConvertAll(first, candidate => source.ReadVector(candidate.Ordinal, position))
        );
        var order = new List<RankFusion.Fused>(ranked.Count);
        var explanations = new Dictionary<int, DiversityExplanation>(first.Length);
        // What a reranker or boosts have made anew goes from 0.
        var least = plan.Request is { Rerank: null, Boosts.Count: 0 } ? RerankOrder.LeastOf(plan) : 0;
        var scores = Array.ConvertAll(first, candidate => candidate.Score);
        foreach (var chosen in DiversityOrder.Choose(scores, least, options.Weight, likeness.Of))
        {
            var candidate = first[chosen.Rank - 1];
            order.Add(candidate);
            explanations.Add(candidate.Ordinal, chosen);
        }

        order.AddRange(ranked.Skip(first.Length));
        return (order, explanations);
    }
}
