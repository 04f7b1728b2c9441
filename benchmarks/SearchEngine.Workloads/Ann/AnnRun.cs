using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SearchEngine.Vectors;
using SearchEngine.Vectors.Hnsw;

namespace SearchEngine.Workloads.Ann;

/// <summary>What "ann" runs.</summary>
internal sealed record AnnPlan(
    string Base,
    string Query,
    string Truth,
    DistanceMetric Metric,
    VectorQuantization Quantizer,
    int M,
    int EfConstruction,
    int[] Ef,
    int Threads,
    int BuildThreads,
    int Rerank,
    bool Json,
    string? Index,
    bool Compact,
    string? Graph,
    float[] Slack
);

/// <summary>Builds (or opens) an index and measures each beam width.</summary>
internal static class AnnRun
{
    private const int BlockFloats = 80_000_000;
    private const int ProgressRows = 200_000;

    public static int Run(AnnPlan plan)
    {
        var queries = VectorFile.ReadFloats(plan.Query);
        var truth = VectorFile.ReadIntegers(plan.Truth);
        if (truth.Length != queries.Count || truth[0].Length < AnnMeasure.K)
        {
            Console.Error.WriteLine(
                $"The truth has {truth.Length} rows of {truth[0].Length}; {queries.Count} rows of at least {AnnMeasure.K} are needed."
            );
            return 2;
        }
        (var index, var seconds, var cpu) = Open(
            plan.Base,
            plan.Metric,
            plan.Quantizer,
            plan.M,
            plan.EfConstruction,
            plan.BuildThreads,
            plan.Index,
            plan.Graph
        );
        using (index)
        {
            if (plan.Compact)
                Compact(index);
            var statistics = index.Statistics;
            var bytes = (double)(statistics.CodeBytes + statistics.GraphBytes) / Math.Max(1, statistics.Count);
            if (!plan.Json)
            {
                Console.WriteLine(
                    $"{"ef", 5} {"recall@10", 10} {"qps", 10} {"p50 us", 9} {"p99 us", 9}   build {seconds:F1} s, {bytes:F0} bytes/vector, {plan.Quantizer}"
                );
            }
            foreach ((var ef, var slack) in plan.Ef.SelectMany(ef => plan.Slack.Select(slack => (ef, slack))))
            {
                var point = AnnMeasure.Point(index, queries, truth, ef, plan.Rerank, plan.Threads, slack: slack);
                if (plan.Json)
                {
                    Console.WriteLine(Line(plan, point, slack, seconds, cpu, bytes, statistics));
                }
                else
                {
                    Console.WriteLine(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{ef, 5} {point.Recall, 10:F4} {point.Qps, 10:F0} {point.P50, 9:F1} {point.P99, 9:F1}{(slack > 0 ? $"   slack {slack}" : "")}"
                        )
                    );
                }
            }
        }
        return 0;
    }

    /// <summary>Compacts, and says how long it took.</summary>
    public static void Compact(VectorIndex index)
    {
        var start = Stopwatch.GetTimestamp();
        index.Compact();
        Console.Error.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Compacted {index.Count:N0} vectors in {Stopwatch.GetElapsedTime(start).TotalSeconds:F2} s."
            )
        );
    }

    /// <summary>Reads a built index if its file exists; otherwise builds it and, given a file name, saves it.</summary>
    public static (VectorIndex Index, double Seconds, double CpuSeconds) Open(
        string basePath,
        DistanceMetric metric,
        VectorQuantization quantizer,
        int m,
        int efConstruction,
        int buildThreads,
        string? file,
        string? graph = null
    )
    {
        if (file != null && File.Exists(file))
        {
            (var dimension, _) = VectorFile.Shape(basePath);
            var times = File.ReadAllText(file + ".times").Split(' ');
            using var source = IndexFile.Open(file);
            var loaded = VectorIndex.Load(Options(dimension, metric, quantizer, m, efConstruction), source, null);
            return (loaded, double.Parse(times[0], CultureInfo.InvariantCulture), double.Parse(times[1], CultureInfo.InvariantCulture));
        }
        if (graph != null)
        {
            using var source = IndexFile.Open(graph);
            var other = HnswIndex.Requantize(
                Options(VectorFile.Shape(basePath).Dimension, metric, quantizer, m, efConstruction),
                source,
                null
            );
            Save(other, file, 0, 0);
            return (other, 0, 0);
        }
        var index = new HnswIndex(Options(VectorFile.Shape(basePath).Dimension, metric, quantizer, m, efConstruction), null);
        (var seconds, var cpu) = Build(index, basePath, buildThreads);
        Save(index, file, seconds, cpu);
        return (index, seconds, cpu);
    }

    private static void Save(VectorIndex index, string? file, double seconds, double cpu)
    {
        if (file == null)
            return;
        using (var sink = IndexFile.Create(file))
            index.SaveChanges(sink);
        File.WriteAllText(file + ".times", string.Create(CultureInfo.InvariantCulture, $"{seconds} {cpu}"));
    }

    // Adds all rows, in blocks so that the base need not fit into memory beside the index; wall and processor seconds without the reading.
    private static (double Seconds, double CpuSeconds) Build(VectorIndex index, string basePath, int threads)
    {
        double seconds = 0,
            cpu = 0;
        var added = 0;
        foreach (var rows in VectorFile.ReadBlocks(basePath, BlockFloats / index.Dimension))
        {
            var cpuBefore = AnnMeasure.ProcessCpuSeconds();
            var start = Stopwatch.GetTimestamp();
            index.AddRange([.. Enumerable.Range(added, rows.Count)], rows.Values, threads);
            seconds += Stopwatch.GetElapsedTime(start).TotalSeconds;
            cpu += AnnMeasure.ProcessCpuSeconds() - cpuBefore;
            added += rows.Count;
            if (added > ProgressRows)
                Console.Error.WriteLine($"{added:N0} vectors, {cpu:F0} CPU seconds");
        }
        return (seconds, cpu);
    }

    public static VectorIndexOptions Options(
        int dimension,
        DistanceMetric metric,
        VectorQuantization quantizer,
        int m = VectorIndexOptions.DefaultM,
        int efConstruction = VectorIndexOptions.DefaultEfConstruction
    ) =>
        new()
        {
            Dimension = dimension,
            Metric = metric,
            Quantization = quantizer,
            M = m,
            EfConstruction = efConstruction,
        };

    private static string Line(
        AnnPlan plan,
        AnnPoint point,
        float slack,
        double seconds,
        double cpu,
        double bytes,
        VectorIndexStatistics statistics
    ) =>
        new JsonObject
        {
            ["ef"] = point.Ef,
            ["slack"] = slack,
            ["recall@10"] = Math.Round(point.Recall, 5),
            ["qps"] = Math.Round(point.Qps, 1),
            ["p50_us"] = Math.Round(point.P50, 2),
            ["p99_us"] = Math.Round(point.P99, 2),
            ["build_seconds"] = Math.Round(seconds, 2),
            ["build_cpu_seconds"] = Math.Round(cpu, 2),
            ["bytes_per_vector"] = Math.Round(bytes, 1),
            ["full_precision_bytes_per_vector"] = Math.Round((double)statistics.FullPrecisionBytes / Math.Max(1, statistics.Count), 1),
            ["allocated_bytes_per_search"] = Math.Round(point.BytesPerSearch, 2),
            ["quantizer"] = plan.Quantizer.ToString().ToLowerInvariant(),
            ["engine"] = "SearchEngine",
            ["metric"] = plan.Metric.ToString().ToLowerInvariant(),
            ["m"] = plan.M,
            ["ef_construction"] = plan.EfConstruction,
            ["threads"] = plan.Threads,
            ["rerank"] = plan.Rerank,
            ["compacted"] = plan.Compact,
            ["count"] = statistics.Count,
            ["machine"] = AnnMeasure.Machine(),
        }.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
