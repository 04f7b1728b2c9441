using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SearchEngine.Training.Evaluation;

/// <summary>One figure of a suite.</summary>
/// <param name="Set">The data set's folder.</param>
/// <param name="Task">retrieval, sts, classification or word.</param>
/// <param name="Measure">The measure's name.</param>
/// <param name="Value">A fraction.</param>
public sealed record SuiteScore(string Set, string Task, string Measure, double Value);

/// <summary>The figures of all data sets below one folder, as JSON or Markdown.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Scores">The figures, in the order of their sets.</param>
public sealed record SuiteReport(string Model, IReadOnlyList<SuiteScore> Scores)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The report as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>The report as a Markdown table.</summary>
    public string ToMarkdown()
    {
        var table = new StringBuilder($"| set | task | measure | {Model} |\n|---|---|---|---:|\n");
        foreach (var score in Scores)
            table.Append(CultureInfo.InvariantCulture, $"| {score.Set} | {score.Task} | {score.Measure} | {score.Value:F4} |\n");
        return table.ToString();
    }
}

/// <summary>
/// Runs every data set found below a folder: a folder with corpus.jsonl is retrieval (BEIR), one with a *.test.tsv similarity, one with train.csv and
/// test.csv classification, one with *train*.conllu and *test*.conllu word-level probing. Compressed files must be unpacked first.
/// </summary>
public static class EvaluationSuite
{
    /// <summary>Runs the suite.</summary>
    /// <param name="directory">The folder whose subfolders are data sets.</param>
    /// <param name="modelFolder">The model, for word-level probing, which needs token states; null leaves that out.</param>
    /// <param name="modelName">The model's name in the report.</param>
    /// <param name="embed">The embedder.</param>
    /// <param name="progress">Receives each figure as it is known.</param>
    /// <param name="cancellationToken">Stops the suite.</param>
    /// <exception cref="TrainingException">No data set was found, or one is damaged.</exception>
    public static async Task<SuiteReport> RunAsync(
        string directory, string? modelFolder, string modelName, TextEmbedder embed, IProgress<SuiteScore>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(embed);
        if (!Directory.Exists(directory))
            throw new TrainingException($"'{directory}' does not exist. It should hold one folder per data set.");
        var scores = new List<SuiteScore>();
        foreach (var folder in Directory.EnumerateDirectories(directory).Order(StringComparer.Ordinal))
        {
            var set = Path.GetFileName(folder);
            void Add(string task, string measure, double value)
            {
                scores.Add(new SuiteScore(set, task, measure, value));
                progress?.Report(scores[^1]);
            }

            if (File.Exists(Path.Combine(folder, "corpus.jsonl")))
            {
                var found = await EvaluationRuns.RetrievalAsync(BeirDataset.Read(folder), embed, cancellationToken).ConfigureAwait(false);
                Add("retrieval", "ndcg@10", found.NdcgAt10);
                Add("retrieval", "recall@100", found.RecallAt100);
                Add("retrieval", "mrr@10", found.MrrAt10);
            }
            else if (One(folder, "*.test.tsv") is { } sts)
            {
                Add("sts", "spearman", await EvaluationRuns.StsAsync(EvaluationFiles.ReadSts(sts), embed, cancellationToken).ConfigureAwait(false));
            }
            else if (One(folder, "train.csv") is { } train && One(folder, "test.csv") is { } test)
            {
                Add("classification", "accuracy", await EvaluationRuns.ClassificationAsync(
                    EvaluationFiles.ReadClassification(train), EvaluationFiles.ReadClassification(test), embed, cancellationToken).ConfigureAwait(false));
            }
            else if (modelFolder is not null && One(folder, "*train*.conllu") is { } words && One(folder, "*test*.conllu") is { } testWords)
            {
                Add("word", "accuracy", EvaluationRuns.Word(
                    modelFolder, EvaluationFiles.ReadConllu(words), EvaluationFiles.ReadConllu(testWords), cancellationToken: cancellationToken));
            }
        }

        return scores.Count > 0
            ? new SuiteReport(modelName, scores)
            : throw new TrainingException($"No data set was found below '{directory}'. A set is a subfolder with corpus.jsonl, a *.test.tsv, train.csv and test.csv, or *.conllu files; unpack compressed ones.");
    }

    private static string? One(string folder, string pattern) => Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal).FirstOrDefault();
}
