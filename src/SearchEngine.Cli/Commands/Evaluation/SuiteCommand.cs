using System.Text.Json.Serialization;
using SearchEngine.Cli.Output;
using SearchEngine.Hosting;
using SearchEngine.Training;
using SearchEngine.Training.Evaluation;

namespace SearchEngine.Cli.Commands.Evaluation;

/// <summary>
/// Every set in a folder, told by its files: queries.jsonl (retrieval, in three modes), train.csv and test.csv
/// (classification), *test.tsv outside qrels (similarity), *train*.conllu and *test*.conllu (words).
/// </summary>
internal sealed class SuiteCommand(CliConsole console)
{
    public async Task<int> RunAsync(string folder, ModelPlan plan, Settings settings, bool asJson, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder))
            throw new HostException($"There is no folder {folder}.");
        var rows = new List<Row>();
        var failed = 0;
        using var model = LoadedModel.Load(plan);
        foreach (var set in Directory.EnumerateDirectories(folder).Prepend(folder).Order(StringComparer.Ordinal))
        {
            try
            {
                rows.AddRange(await EvaluateAsync(set, plan, settings, model, cancellationToken));
            }
            catch (TrainingException exception)
            {
                failed++;
                console.WriteDiagnostic($"{set} left out: {exception.Message}");
            }
        }

        if (rows.Count == 0)
        {
            throw new HostException(
                $"No evaluation set in {folder}: it should hold folders with queries.jsonl, train.csv and test.csv, *test.tsv or *.conllu."
            );
        }
        if (asJson)
            console.WriteJson(new { model = plan.Folder, results = rows });
        else
            WriteMarkdown(rows);
        return failed == 0 ? ExitCode.Success : ExitCode.Partial;
    }

    private async Task<IReadOnlyList<Row>> EvaluateAsync(
        string folder,
        ModelPlan plan,
        Settings settings,
        LoadedModel model,
        CancellationToken cancellationToken
    )
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        var rows = new List<Row>();
        if (File.Exists(Path.Combine(folder, "queries.jsonl")))
        {
            var set = BeirDataset.Read(folder);
            var modes = new[] { SearchMode.Keyword, SearchMode.Vector, SearchMode.Hybrid };
            foreach (var (mode, scores) in await new RetrievalRun(console, settings, model).RunAsync(set, modes, cancellationToken))
            {
                rows.Add(new Row(name, mode, "ndcg@10", scores.NdcgAt10));
                rows.Add(new Row(name, mode, "recall@100", scores.RecallAt100));
                rows.Add(new Row(name, mode, "mrr@10", scores.MrrAt10));
            }
        }

        if (
            Path.Combine(folder, "train.csv") is var train
            && File.Exists(train)
            && Path.Combine(folder, "test.csv") is var test
            && File.Exists(test)
        )
        {
            rows.Add(new Row(name, null, "accuracy", await ModelScores.ClassificationAsync(model, train, test, cancellationToken)));
        }
        foreach (var file in Directory.EnumerateFiles(folder, "*test.tsv"))
            rows.Add(new Row(name, null, "spearman", await ModelScores.StsAsync(model, file, cancellationToken)));
        if (Find(folder, "*train*.conllu") is { } trainWords && Find(folder, "*test*.conllu") is { } testWords)
        {
            rows.Add(
                new Row(
                    name,
                    null,
                    "accuracy",
                    await ModelScores.WordAsync(
                        plan.Folder,
                        trainWords,
                        testWords,
                        causal: plan.Attention == "causal",
                        previousPosition: false,
                        cancellationToken
                    )
                )
            );
        }
        return rows;
    }

    private static string? Find(string folder, string pattern) =>
        Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal).FirstOrDefault();

    private void WriteMarkdown(List<Row> rows)
    {
        console.Out.WriteLine("| set | mode | measure | score |");
        console.Out.WriteLine("|---|---|---|---|");
        foreach (var row in rows)
        {
            console.Out.WriteLine(
                $"| {row.Set} | {row.Mode?.ToString().ToLowerInvariant() ?? "-"} | {row.Measure} | {Format.Score(row.Score)} |"
            );
        }
    }

    private sealed record Row(
        [property: JsonPropertyName("set")] string Set,
        [property: JsonPropertyName("mode")] SearchMode? Mode,
        [property: JsonPropertyName("measure")] string Measure,
        [property: JsonPropertyName("score")] double Score
    );
}
