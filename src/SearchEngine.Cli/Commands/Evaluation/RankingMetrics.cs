using System.Text.Json.Serialization;

namespace SearchEngine.Cli.Commands.Evaluation;

/// <summary>
/// Means over queries, as fractions: nDCG with linear gains and log2 discounts (Järvelin and Kekäläinen 2002, as trec_eval
/// computes it), recall, and the reciprocal rank of the first relevant hit.
/// </summary>
internal sealed record RankingMetrics(
    [property: JsonPropertyName("ndcg@10")] double Ndcg10,
    [property: JsonPropertyName("recall@100")] double Recall100,
    [property: JsonPropertyName("mrr@10")] double Mrr10,
    [property: JsonPropertyName("queries")] int Queries,
    [property: JsonPropertyName("documents")] int Documents)
{
    /// <summary>The deepest rank that a metric looks at.</summary>
    public const int Depth = 100;

    private const int Cutoff = 10;

    public static RankingMetrics Of(
        IReadOnlyList<(IReadOnlyDictionary<string, int> Relevant, IReadOnlyList<string> Ranked)> runs,
        int documents) => new(
        runs.Average(run => Ndcg(run.Relevant, run.Ranked)),
        runs.Average(run => run.Ranked.Take(Depth).Count(run.Relevant.ContainsKey) / (double)run.Relevant.Count),
        runs.Average(run => ReciprocalRank(run.Relevant, run.Ranked)),
        runs.Count,
        documents);

    private static double Ndcg(IReadOnlyDictionary<string, int> relevant, IReadOnlyList<string> ranked)
    {
        var gain = ranked.Take(Cutoff).Select((id, index) => relevant.GetValueOrDefault(id) * Discount(index)).Sum();
        var ideal = relevant.Values.OrderDescending().Take(Cutoff).Select((grade, index) => grade * Discount(index)).Sum();
        return gain / ideal;
    }

    private static double Discount(int index) => 1 / Math.Log2(index + 2);

    private static double ReciprocalRank(IReadOnlyDictionary<string, int> relevant, IReadOnlyList<string> ranked)
    {
        for (var i = 0; i < Math.Min(Cutoff, ranked.Count); i++)
        {
            if (relevant.ContainsKey(ranked[i])) return 1.0 / (i + 1);
        }

        return 0;
    }
}
