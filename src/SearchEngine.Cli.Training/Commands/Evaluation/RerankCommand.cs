using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Serialization;
using SearchEngine.Cli.Output;
using SearchEngine.Hosting;
using SearchEngine.Training.Evaluation;

namespace SearchEngine.Cli.Commands.Evaluation;

/// <summary>
/// The table by which a reranker's weight is chosen: hybrid search as it is set, and the same with the reranker at every tenth of weight, on
/// one or more sets, with the significance of the difference and the time that fifty passages take.
/// </summary>
internal sealed class RerankCommand(CliConsole console)
{
    private const int Steps = 10;

    private const int PassagesTimed = 50;

    public async Task<int> RunAsync(EvaluationRerankPlan plan, CancellationToken cancellationToken)
    {
        using var model = LoadedModel.Load(plan.Model);
        using var reranker = LoadedReranker.Load(plan.Rerank, model)!;
        var tables = new List<Table>();
        foreach (var folder in plan.Folders)
        {
            var set = BeirDataset.Read(folder, plan.Split);
            var once = new ReadOnce(reranker.Reranker);
            var variants = Variants(plan, once);
            var rankings = await new RetrievalRun(console, plan.Settings, model).RunAsync(set, variants, cancellationToken);
            var rows = variants.Zip(
                rankings,
                (v, r) => new Row(v.Name, r.Scores.NdcgAt10, r.Scores.MrrAt10, r.CompareWith(rankings[0]).PValue)
            );
            tables.Add(
                new Table(
                    Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)),
                    plan.Split,
                    reranker.Reranker.Name,
                    once.Seconds * 1000 * PassagesTimed / Math.Max(1, once.Passages),
                    [.. rows]
                )
            );
        }

        if (plan.AsJson)
            console.WriteJson(tables);
        else
            tables.ForEach(Write);
        return ExitCode.Success;
    }

    private void Write(Table table)
    {
        console.Out.WriteLine(
            $"{table.Set} ({table.Split}), {table.Reranker}: {table.MillisecondsPer50.ToString("0", CultureInfo.InvariantCulture)} ms for {PassagesTimed} passages"
        );
        console.Out.WriteLine("| ranking | nDCG@10 | MRR@10 | p |");
        console.Out.WriteLine("|---|---|---|---|");
        foreach (var row in table.Results)
        {
            var p = row.P.ToString("0.000", CultureInfo.InvariantCulture);
            console.Out.WriteLine($"| {row.Ranking} | {Format.Score(row.Ndcg10)} | {Format.Score(row.Mrr10)} | {p} |");
        }
    }

    private static List<RetrievalVariant> Variants(EvaluationRerankPlan plan, IReranker reranker)
    {
        var fusion = plan.Settings.Search.ToFusion();
        var variants = new List<RetrievalVariant> { new("hybrid", SearchMode.Hybrid, fusion) };
        for (var step = 1; step <= Steps; step++)
        {
            var weight = step / (double)Steps;
            variants.Add(
                new RetrievalVariant(
                    string.Create(CultureInfo.InvariantCulture, $"hybrid + reranker {weight:0.0}"),
                    SearchMode.Hybrid,
                    fusion
                )
                {
                    Rerank = new RerankOptions
                    {
                        Reranker = reranker,
                        Candidates = plan.Candidates ?? RerankOptions.DefaultCandidates,
                        Weight = weight,
                    },
                }
            );
        }

        return variants;
    }

    private sealed record Table(
        [property: JsonPropertyName("set")] string Set,
        [property: JsonPropertyName("split")] string Split,
        [property: JsonPropertyName("reranker")] string Reranker,
        [property: JsonPropertyName("milliseconds_per_50")] double MillisecondsPer50,
        [property: JsonPropertyName("results")] IReadOnlyList<Row> Results
    );

    private sealed record Row(
        [property: JsonPropertyName("ranking")] string Ranking,
        [property: JsonPropertyName("ndcg@10")] double Ndcg10,
        [property: JsonPropertyName("mrr@10")] double Mrr10,
        [property: JsonPropertyName("p")] double P
    );

    /// <summary>Has each pair read once, one query after the other, however many weights are tried. Thread-safe.</summary>
    private sealed class ReadOnce(IReranker inner) : IReranker
    {
        private readonly ConcurrentDictionary<string, IReadOnlyList<double>> _known = new(StringComparer.Ordinal);
        private readonly SemaphoreSlim _one = new(1);

        public string Name => inner.Name;

        public double Seconds { get; private set; }

        public long Passages { get; private set; }

        public async Task<IReadOnlyList<double>> ScoreAsync(
            string query,
            IReadOnlyList<string> passages,
            CancellationToken cancellationToken = default
        )
        {
            var key = query + "\0" + passages.Count + "\0" + string.Join('\0', passages.Select(passage => passage.Length));
            if (_known.TryGetValue(key, out var known))
                return known;
            await _one.WaitAsync(cancellationToken);
            try
            {
                var watch = Stopwatch.StartNew();
                var scores = await inner.ScoreAsync(query, passages, cancellationToken);
                Seconds += watch.Elapsed.TotalSeconds;
                Passages += passages.Count;
                return _known[key] = scores;
            }
            finally
            {
                _one.Release();
            }
        }
    }
}
