using System.Globalization;
using System.Text.Json.Serialization;
using SearchEngine.Cli.Output;
using SearchEngine.Embeddings;
using SearchEngine.Hosting;
using SearchEngine.Training.Evaluation;

namespace SearchEngine.Cli.Commands.Evaluation;

/// <summary>
/// The table by which the weights of a hybrid search are chosen: the halves, the search as it is set, reciprocal ranks, relative scores at
/// every twentieth of weight, and with weights that follow the query from several starts, on one or more sets. The best start can be
/// written into the model's folder, from where every search takes it.
/// </summary>
internal sealed class FusionCommand(CliConsole console)
{
    /// <summary>Steps of the vector's weight: finer ones differ by less than queries do.</summary>
    private const int Steps = 20;

    /// <summary>Hundredths of the starting weights that are tried.</summary>
    private static readonly int[] Starts = [60, 65, 69, 72, 75, 78, 81, 84, 87, 90];

    public async Task<int> RunAsync(FusionPlan plan, CancellationToken cancellationToken)
    {
        using var model = LoadedModel.Load(plan.Model);
        var variants = Variants(plan.Settings.Search);
        var tables = new List<Table>();
        foreach (var folder in plan.Folders)
        {
            var set = BeirDataset.Read(folder, plan.Split);
            var rankings = await new RetrievalRun(console, plan.Settings, model).RunAsync(set, variants, cancellationToken);
            var rows = variants
                .Zip(rankings.Select(r => r.Scores), (v, s) => new Row(v.Name, s.NdcgAt10, s.RecallAt100, s.MrrAt10))
                .ToList();
            tables.Add(new Table(Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)), plan.Split, rows));
        }

        var best = Best(variants, tables);
        if (plan.Writes)
        {
            var record = RecordOf(variants, tables, best) with { FarthestAnswer = HybridRecord.Read(plan.Model.Folder)?.FarthestAnswer };
            record.Write(plan.Model.Folder);
        }

        if (!plan.AsJson)
            WriteMarkdown(tables, best, plan.Writes);
        else if (tables.Count == 1)
            console.WriteJson(tables[0]);
        else
            console.WriteJson(tables);
        return ExitCode.Success;
    }

    /// <summary>The start whose nDCG@10, averaged over the sets, is the highest; of equals the middle one.</summary>
    private static RetrievalVariant Best(List<RetrievalVariant> variants, List<Table> tables)
    {
        var weighted = Enumerable.Range(variants.Count - Starts.Length, Starts.Length).ToList();
        double Mean(int i) => tables.Average(t => t.Results[i].Ndcg10);
        var highest = weighted.Max(Mean);
        var equals = weighted.Where(i => Mean(i) == highest).ToList();
        return variants[equals[equals.Count / 2]];
    }

    private static HybridRecord RecordOf(List<RetrievalVariant> variants, List<Table> tables, RetrievalVariant best) =>
        new(best.Fusion.StartingWeight!.Value)
        {
            Measured =
            [
                .. tables.Select(t => new HybridMeasurement(
                    $"{t.Set} {t.Split}",
                    Math.Round(t.Results[0].Ndcg10, 4),
                    Math.Round(t.Results[1].Ndcg10, 4),
                    Math.Round(t.Results[variants.IndexOf(best)].Ndcg10, 4)
                )),
            ],
        };

    private void WriteMarkdown(List<Table> tables, RetrievalVariant best, bool written)
    {
        foreach (var table in tables)
        {
            if (tables.Count > 1)
                console.Out.WriteLine($"{table.Set} ({table.Split})");
            console.Out.WriteLine("| fusion | nDCG@10 | recall@100 | MRR@10 |");
            console.Out.WriteLine("|---|---|---|---|");
            foreach (var row in table.Results)
            {
                var mark = row.Fusion == best.Name ? "**" : "";
                console.Out.WriteLine(
                    $"| {mark}{row.Fusion}{mark} | {Format.Score(row.Ndcg10)} | {Format.Score(row.Recall100)} | {Format.Score(row.Mrr10)} |"
                );
            }
        }

        if (written)
            console.Out.WriteLine($"written to {HybridRecord.FileName} of the model: vector weight {best.Fusion.StartingWeight}");
    }

    private static List<RetrievalVariant> Variants(SearchSettings settings)
    {
        var variants = new List<RetrievalVariant>
        {
            new("keyword alone", SearchMode.Keyword, new FusionOptions()),
            new("vector alone", SearchMode.Vector, new FusionOptions()),
            new("as searches are set", SearchMode.Hybrid, settings.ToFusion()),
            new("reciprocal ranks", SearchMode.Hybrid, new FusionOptions { Method = FusionMethod.ReciprocalRank, Depth = settings.Depth }),
        };
        for (var step = 1; step < Steps; step++)
        {
            var weight = step / (double)Steps;
            var name = string.Create(CultureInfo.InvariantCulture, $"relative scores, vector {weight:0.00}, keyword {1 - weight:0.00}");
            variants.Add(
                new RetrievalVariant(
                    name,
                    SearchMode.Hybrid,
                    new FusionOptions
                    {
                        VectorWeight = weight,
                        KeywordWeight = 1 - weight,
                        Depth = settings.Depth,
                    }
                )
            );
        }

        foreach (var start in Starts)
        {
            variants.Add(
                new RetrievalVariant(
                    string.Create(CultureInfo.InvariantCulture, $"by the query, from vector {start / 100.0:0.00}"),
                    SearchMode.Hybrid,
                    new FusionOptions { StartingWeight = start / 100.0, Depth = settings.Depth }
                )
            );
        }

        return variants;
    }

    private sealed record Table(
        [property: JsonPropertyName("set")] string Set,
        [property: JsonPropertyName("split")] string Split,
        [property: JsonPropertyName("results")] IReadOnlyList<Row> Results
    );

    private sealed record Row(
        [property: JsonPropertyName("fusion")] string Fusion,
        [property: JsonPropertyName("ndcg@10")] double Ndcg10,
        [property: JsonPropertyName("recall@100")] double Recall100,
        [property: JsonPropertyName("mrr@10")] double Mrr10
    );
}
