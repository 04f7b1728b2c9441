namespace SearchEngine.Training.Evaluation;

/// <summary>Retrieval quality averaged over queries, as fractions.</summary>
/// <param name="NdcgAt10">Normalised discounted cumulative gain over the first ten hits, with linear gains as in trec_eval.</param>
/// <param name="RecallAt100">Share of the relevant documents among the first hundred hits.</param>
/// <param name="MrrAt10">Mean of 1 / rank of the first relevant hit, 0 past rank ten.</param>
/// <param name="MapAt100">Mean average precision over the first hundred hits.</param>
/// <param name="Queries">Queries with at least one relevant document; the others do not count.</param>
public sealed record RetrievalScores(double NdcgAt10, double RecallAt100, double MrrAt10, double MapAt100, int Queries);

/// <summary>Measures of ranked lists against graded relevance judgements. Thread-safe.</summary>
public static class RetrievalMetrics
{
    /// <summary>
    /// Normalised discounted cumulative gain: Σ relevance / log2(rank + 1) over the first <paramref name="k"/> hits, divided by the best
    /// possible.
    /// </summary>
    /// <param name="ranking">Document ids, best first, each once.</param>
    /// <param name="relevance">Grade per document id; ids that are not there, and grades of 0 or less, are not relevant.</param>
    /// <param name="k">Hits that count.</param>
    /// <returns>0..1; 0 where nothing is relevant.</returns>
    public static double Ndcg(IReadOnlyList<string> ranking, IReadOnlyDictionary<string, double> relevance, int k)
    {
        ArgumentNullException.ThrowIfNull(ranking);
        ArgumentNullException.ThrowIfNull(relevance);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(k);
        var gain = 0.0;
        for (var i = 0; i < Math.Min(k, ranking.Count); i++)
            gain += Math.Max(0, relevance.GetValueOrDefault(ranking[i])) / Math.Log2(i + 2);
        var best = relevance.Values.Where(g => g > 0).OrderDescending().Take(k).Select((g, i) => g / Math.Log2(i + 2)).Sum();
        return best > 0 ? gain / best : 0;
    }

    /// <summary>Share of the relevant documents among the first <paramref name="k"/> hits; 0 where nothing is relevant.</summary>
    /// <inheritdoc cref="Ndcg"/>
    public static double Recall(IReadOnlyList<string> ranking, IReadOnlyDictionary<string, double> relevance, int k)
    {
        ArgumentNullException.ThrowIfNull(ranking);
        ArgumentNullException.ThrowIfNull(relevance);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(k);
        var relevant = relevance.Values.Count(g => g > 0);
        return relevant == 0 ? 0 : ranking.Take(k).Count(id => relevance.GetValueOrDefault(id) > 0) / (double)relevant;
    }

    /// <summary>1 / rank of the first relevant document among the first <paramref name="k"/> hits, else 0.</summary>
    /// <inheritdoc cref="Ndcg"/>
    public static double ReciprocalRank(IReadOnlyList<string> ranking, IReadOnlyDictionary<string, double> relevance, int k)
    {
        ArgumentNullException.ThrowIfNull(ranking);
        ArgumentNullException.ThrowIfNull(relevance);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(k);
        for (var i = 0; i < Math.Min(k, ranking.Count); i++)
        {
            if (relevance.GetValueOrDefault(ranking[i]) > 0)
                return 1.0 / (i + 1);
        }

        return 0;
    }

    /// <summary>
    /// Average precision: the mean, over the relevant documents, of the share of relevant ones down to each that is found among the first
    /// <paramref name="k"/>.
    /// </summary>
    /// <inheritdoc cref="Ndcg"/>
    public static double AveragePrecision(IReadOnlyList<string> ranking, IReadOnlyDictionary<string, double> relevance, int k)
    {
        ArgumentNullException.ThrowIfNull(ranking);
        ArgumentNullException.ThrowIfNull(relevance);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(k);
        var relevant = relevance.Values.Count(g => g > 0);
        double sum = 0;
        var found = 0;
        for (var i = 0; i < Math.Min(k, ranking.Count); i++)
        {
            if (relevance.GetValueOrDefault(ranking[i]) > 0)
                sum += ++found / (i + 1.0);
        }

        return relevant == 0 ? 0 : sum / relevant;
    }

    /// <summary>The mean of all measures over the queries that have a relevant document.</summary>
    /// <param name="rankings">Document ids, best first, by query id; a query without a ranking scores 0.</param>
    /// <param name="judgements">Grades by query id and document id.</param>
    public static RetrievalScores Score(
        IReadOnlyDictionary<string, IReadOnlyList<string>> rankings,
        IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> judgements
    )
    {
        ArgumentNullException.ThrowIfNull(rankings);
        ArgumentNullException.ThrowIfNull(judgements);
        double ndcg = 0,
            recall = 0,
            mrr = 0,
            map = 0;
        var queries = 0;
        // A fixed order, so that the sums do not depend on how the judgements were read.
        foreach (var (query, relevance) in judgements.OrderBy(j => j.Key, StringComparer.Ordinal))
        {
            if (!relevance.Values.Any(g => g > 0))
                continue;
            queries++;
            var ranking = rankings.GetValueOrDefault(query) ?? [];
            ndcg += Ndcg(ranking, relevance, 10);
            recall += Recall(ranking, relevance, 100);
            mrr += ReciprocalRank(ranking, relevance, 10);
            map += AveragePrecision(ranking, relevance, 100);
        }

        return queries == 0
            ? new RetrievalScores(0, 0, 0, 0, 0)
            : new RetrievalScores(ndcg / queries, recall / queries, mrr / queries, map / queries, queries);
    }
}
