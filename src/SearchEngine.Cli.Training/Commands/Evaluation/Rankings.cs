using SearchEngine.Training.Evaluation;

namespace SearchEngine.Cli.Commands.Evaluation;

/// <summary>What a system ranked for a set's queries, with the judgements to measure it by.</summary>
/// <param name="ByQuery">Document ids, best first, by query id.</param>
/// <param name="Judgements">Grades by query id and document id.</param>
internal sealed record Rankings(
    IReadOnlyDictionary<string, IReadOnlyList<string>> ByQuery,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Judgements
)
{
    /// <summary>The measures, averaged over the queries.</summary>
    public RetrievalScores Scores => RetrievalMetrics.Score(ByQuery, Judgements);

    /// <summary>Compares with another system on the same queries, by nDCG@10 of each.</summary>
    public PairedComparison CompareWith(Rankings other)
    {
        var queries = Judgements
            .Where(j => j.Value.Values.Any(grade => grade > 0))
            .Select(j => j.Key)
            .Order(StringComparer.Ordinal)
            .ToList();
        return PairedBootstrap.Compare(Ndcg(other, queries), Ndcg(this, queries));
    }

    private static List<double> Ndcg(Rankings rankings, List<string> queries) =>
        queries.ConvertAll(query => RetrievalMetrics.Ndcg(rankings.ByQuery.GetValueOrDefault(query) ?? [], rankings.Judgements[query], 10));
}
