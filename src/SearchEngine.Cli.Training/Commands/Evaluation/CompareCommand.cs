using System.Text.Json.Serialization;
using SearchEngine.Cli.Output;
using SearchEngine.Training.Evaluation;

namespace SearchEngine.Cli.Commands.Evaluation;

/// <summary>Measures rankings that were written before, by this engine or another, and holds them against the first of them.</summary>
internal sealed class CompareCommand(CliConsole console)
{
    public int Run(string folder, IReadOnlyList<string> files, string split, bool asJson)
    {
        var set = BeirDataset.Read(folder, split);
        var runs = files.Select(file => new Rankings(RunFile.Read(Path.GetFullPath(file)), set.Judgements)).ToList();
        var rows = files
            .Zip(runs, (file, run) => new Row(file, run.Scores, ReferenceEquals(run, runs[0]) ? null : run.CompareWith(runs[0])))
            .ToList();
        if (asJson)
        {
            console.WriteJson(new { split, results = rows.Select(r => r.ToReport()) });
            return ExitCode.Success;
        }

        console.Out.WriteLine("| run | nDCG@10 | recall@100 | MRR@10 | MAP@100 | nDCG@10 less the first's | p |");
        console.Out.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var (file, scores, comparison) in rows)
        {
            console.Out.WriteLine(
                $"| {file} | {Format.Score(scores.NdcgAt10)} | {Format.Score(scores.RecallAt100)} | {Format.Score(scores.MrrAt10)} | {Format.Score(scores.MapAt100)} | {Significance.Difference(comparison)} | {Significance.P(comparison)} |"
            );
        }
        return ExitCode.Success;
    }

    private sealed record Row(string File, RetrievalScores Scores, PairedComparison? Comparison)
    {
        public Report ToReport() =>
            new(
                File,
                Scores.NdcgAt10,
                Scores.RecallAt100,
                Scores.MrrAt10,
                Scores.MapAt100,
                Comparison?.Difference,
                Comparison?.Low,
                Comparison?.High,
                Comparison?.PValue
            );
    }

    private sealed record Report(
        [property: JsonPropertyName("run")] string Run,
        [property: JsonPropertyName("ndcg@10")] double Ndcg10,
        [property: JsonPropertyName("recall@100")] double Recall100,
        [property: JsonPropertyName("mrr@10")] double Mrr10,
        [property: JsonPropertyName("map@100")] double Map100,
        [property: JsonPropertyName("difference")] double? Difference,
        [property: JsonPropertyName("low")] double? Low,
        [property: JsonPropertyName("high")] double? High,
        [property: JsonPropertyName("p")] double? P
    );
}
