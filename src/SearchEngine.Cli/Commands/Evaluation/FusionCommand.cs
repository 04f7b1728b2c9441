using System.Globalization;
using System.Text.Json.Serialization;
using SearchEngine.Cli.Output;
using SearchEngine.Hosting;
using SearchEngine.Training.Evaluation;

namespace SearchEngine.Cli.Commands.Evaluation;

/// <summary>
/// The table by which the weights of a hybrid search are chosen: the halves, reciprocal ranks, and relative scores at every tenth of
/// weight.
/// </summary>
internal sealed class FusionCommand(CliConsole console)
{
    /// <summary>Steps of the vector's weight: finer ones differ by less than queries do.</summary>
    private const int Steps = 10;

    public async Task<int> RunAsync(RetrievalPlan plan, CancellationToken cancellationToken)
    {
        var set = BeirDataset.Read(plan.Folder, plan.Split);
        using var model = LoadedModel.Load(plan.Model!);
        var variants = Variants(plan.Settings.Search.Depth);
        var scores = await new RetrievalRun(console, plan.Settings, model).RunAsync(set, variants, cancellationToken);
        var rows = variants.Select((v, i) => new Row(v.Name, scores[i].NdcgAt10, scores[i].RecallAt100, scores[i].MrrAt10)).ToList();
        if (plan.AsJson)
        {
            console.WriteJson(
                new
                {
                    set = Path.GetFileName(Path.TrimEndingDirectorySeparator(plan.Folder)),
                    split = plan.Split,
                    results = rows,
                }
            );
            return ExitCode.Success;
        }

        console.Out.WriteLine("| fusion | nDCG@10 | recall@100 | MRR@10 |");
        console.Out.WriteLine("|---|---|---|---|");
        foreach (var row in rows)
        {
            console.Out.WriteLine(
                $"| {row.Fusion} | {Format.Score(row.Ndcg10)} | {Format.Score(row.Recall100)} | {Format.Score(row.Mrr10)} |"
            );
        }
        return ExitCode.Success;
    }

    private static List<RetrievalVariant> Variants(int depth)
    {
        var variants = new List<RetrievalVariant>
        {
            new("keyword alone", SearchMode.Keyword, new FusionOptions()),
            new("vector alone", SearchMode.Vector, new FusionOptions()),
            new("reciprocal ranks", SearchMode.Hybrid, new FusionOptions { Depth = depth }),
        };
        for (var step = 1; step < Steps; step++)
        {
            var weight = step / (double)Steps;
            var name = string.Create(CultureInfo.InvariantCulture, $"relative scores, vector {weight:0.0}, keyword {1 - weight:0.0}");
            variants.Add(
                new RetrievalVariant(
                    name,
                    SearchMode.Hybrid,
                    new FusionOptions
                    {
                        Method = FusionMethod.RelativeScore,
                        VectorWeight = weight,
                        KeywordWeight = 1 - weight,
                        Depth = depth,
                    }
                )
            );
        }

        return variants;
    }

    private sealed record Row(
        [property: JsonPropertyName("fusion")] string Fusion,
        [property: JsonPropertyName("ndcg@10")] double Ndcg10,
        [property: JsonPropertyName("recall@100")] double Recall100,
        [property: JsonPropertyName("mrr@10")] double Mrr10
    );
}
