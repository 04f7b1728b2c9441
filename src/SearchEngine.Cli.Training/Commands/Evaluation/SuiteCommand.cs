using System.Text.Json.Serialization;
using SearchEngine.Cli.Output;
using SearchEngine.Hosting;
using SearchEngine.Training;
using SearchEngine.Training.Evaluation;

namespace SearchEngine.Cli.Commands.Evaluation;

/// <summary>
/// Every set in a folder, told by its files: queries.jsonl (retrieval, in three modes), train.csv and test.csv
/// (classification), *test.tsv outside qrels (similarity), *train*.conllu and *test*.conllu (words).
/// A second model beside is measured on the same; where rankings lie behind a score, the paired bootstrap says what the difference is worth.
/// </summary>
internal sealed class SuiteCommand(CliConsole console)
{
    /// <summary>Measures a model, and another beside it where one is named.</summary>
    public async Task<int> RunAsync(
        string folder,
        ModelPlan plan,
        ModelPlan? beside,
        Settings settings,
        bool asJson,
        CancellationToken cancellationToken
    )
    {
        if (!Directory.Exists(folder))
            throw new HostException($"There is no folder {folder}.");
        var rows = new List<Row>();
        var failed = 0;
        using var model = LoadedModel.Load(plan);
        using var other = beside is null ? null : LoadedModel.Load(beside);
        foreach (var set in Directory.EnumerateDirectories(folder).Prepend(folder).Order(StringComparer.Ordinal))
        {
            try
            {
                var ours = await EvaluateAsync(set, plan, settings, model, cancellationToken);
                var theirs = other is null ? null : await EvaluateAsync(set, beside!, settings, other, cancellationToken);
                rows.AddRange(ours.Select((row, i) => theirs is null ? row : row.Beside(theirs[i])));
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
        if (!asJson)
        {
            WriteMarkdown(rows, plan, beside);
        }
        else if (beside is null)
        {
            console.WriteJson(new { model = plan.Folder, results = rows });
        }
        else
        {
            console.WriteJson(
                new
                {
                    model = plan.Folder,
                    beside = beside.Folder,
                    results = rows,
                }
            );
        }
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
            var rankings = await new RetrievalRun(console, settings, model).RunAsync(set, modes, cancellationToken);
            foreach (var (mode, ranking) in modes.Zip(rankings))
            {
                var scores = ranking.Scores;
                rows.Add(new Row(name, mode, "ndcg@10", scores.NdcgAt10) { Rankings = ranking });
                rows.Add(new Row(name, mode, "recall@100", scores.RecallAt100));
                rows.Add(new Row(name, mode, "mrr@10", scores.MrrAt10));
                rows.Add(new Row(name, mode, "map@100", scores.MapAt100));
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

    private void WriteMarkdown(List<Row> rows, ModelPlan plan, ModelPlan? beside)
    {
        var names = beside is null ? "score" : $"{NameOf(plan)} | {NameOf(beside)} | difference | p";
        console.Out.WriteLine($"| set | mode | measure | {names} |");
        console.Out.WriteLine(beside is null ? "|---|---|---|---|" : "|---|---|---|---|---|---|---|");
        foreach (var row in rows)
        {
            var second = row.Other is { } other
                ? $" {Format.Score(other)} | {Significance.Difference(row.Comparison)} | {Significance.P(row.Comparison)} |"
                : "";
            console.Out.WriteLine(
                $"| {row.Set} | {row.Mode?.ToString().ToLowerInvariant() ?? "-"} | {row.Measure} | {Format.Score(row.Score)} |{second}"
            );
        }
    }

    private static string NameOf(ModelPlan plan) => Path.GetFileName(Path.TrimEndingDirectorySeparator(plan.Folder));

    private sealed record Row(
        [property: JsonPropertyName("set")] string Set,
        [property: JsonPropertyName("mode")] SearchMode? Mode,
        [property: JsonPropertyName("measure")] string Measure,
        [property: JsonPropertyName("score")] double Score
    )
    {
        /// <summary>The second model's score.</summary>
        [JsonPropertyName("beside"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public double? Other { get; init; }

        /// <summary>How often chance alone gives a difference as large; for nDCG@10.</summary>
        [JsonPropertyName("p"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public double? P => Comparison?.PValue;

        [JsonIgnore]
        public PairedComparison? Comparison { get; init; }

        [JsonIgnore]
        public Rankings? Rankings { get; init; }

        /// <summary>This row with the second model's beside it.</summary>
        public Row Beside(Row other) => this with { Other = other.Score, Comparison = Rankings?.CompareWith(other.Rankings!) };
    }
}
