using System.Text.Json.Serialization;
using SearchEngine.Training.Evaluation;

namespace SearchEngine.Cli.Commands.Evaluation;

/// <summary>The JSON of <c>eval retrieval --json</c>; measures are fractions.</summary>
internal sealed record RetrievalReport(
    [property: JsonPropertyName("ndcg@10")] double Ndcg10,
    [property: JsonPropertyName("recall@100")] double Recall100,
    [property: JsonPropertyName("mrr@10")] double Mrr10,
    [property: JsonPropertyName("map@100")] double Map100,
    [property: JsonPropertyName("queries")] int Queries,
    [property: JsonPropertyName("documents")] int Documents
)
{
    public static RetrievalReport Of(RetrievalScores scores, int documents) =>
        new(scores.NdcgAt10, scores.RecallAt100, scores.MrrAt10, scores.MapAt100, scores.Queries, documents);
}
