using System.Diagnostics;
using SearchEngine.Vectors;

namespace SearchEngine.Workloads.Ann;

/// <summary>Recall and speed of one setting.</summary>
internal sealed record AnnPoint(int Ef, double Recall, double Qps, double P50, double P99, double BytesPerSearch);

/// <summary>Runs queries against an index.</summary>
internal static class AnnMeasure
{
    public const int K = 10;
    private const double SecondsPerPoint = 1.0;
    private const int MinPasses = 3;

    /// <summary>
    /// Recall@10, and the fastest of several passes over all queries (a neighbour of a shared machine only ever slows a pass).
    /// </summary>
    public static AnnPoint Point(
        VectorIndex index,
        VectorSet queries,
        int[][] truth,
        int ef,
        int rerank,
        int threads,
        OrdinalSet? filter = null,
        Func<int, OrdinalSet>? filterOf = null,
        float slack = 0,
        double seconds = SecondsPerPoint
    )
    {
        var n = queries.Count;
        var options = new VectorQueryOptions
        {
            Ef = ef,
            Rerank = rerank,
            Filter = filter,
            Slack = slack,
        };
        var hits = new VectorHit[K];
        long found = 0,
            wanted = 0;
        for (var q = 0; q < n; q++)
        {
            var count = index.Search(queries.Row(q), hits, filterOf == null ? options : options with { Filter = filterOf(q) });
            var want = Math.Min(K, truth[q].Length);
            wanted += want;
            for (var i = 0; i < count; i++)
            {
                if (Array.IndexOf(truth[q], hits[i].Ordinal, 0, want) >= 0)
                    found++;
            }
        }
        double best = double.MaxValue,
            total = 0;
        double[] latencies = new double[n],
            fastest = new double[n];
        long allocated = 0;
        for (var pass = 0; pass < MinPasses || (total < seconds && pass < 200); pass++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            if (threads == 1)
            {
                for (var q = 0; q < n; q++)
                {
                    var t = Stopwatch.GetTimestamp();
                    index.Search(queries.Row(q), hits, filterOf == null ? options : options with { Filter = filterOf(q) });
                    latencies[q] = Stopwatch.GetElapsedTime(t).TotalMicroseconds;
                }
            }
            else
            {
                var next = -1;
                Parallel.For(
                    0,
                    threads,
                    new ParallelOptions { MaxDegreeOfParallelism = threads },
                    _ =>
                    {
                        var own = new VectorHit[K];
                        int q;
                        while ((q = Interlocked.Increment(ref next)) < n)
                        {
                            var t = Stopwatch.GetTimestamp();
                            index.Search(queries.Row(q), own, filterOf == null ? options : options with { Filter = filterOf(q) });
                            latencies[q] = Stopwatch.GetElapsedTime(t).TotalMicroseconds;
                        }
                    }
                );
            }
            var taken = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (threads == 1)
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            total += taken;
            if (taken < best)
            {
                best = taken;
                latencies.CopyTo(fastest, 0);
            }
        }
        Array.Sort(fastest);
        return new AnnPoint(ef, (double)found / wanted, n / best, fastest[n / 2], fastest[n * 99 / 100], (double)allocated / n);
    }

    /// <summary>
    /// QPS at a recall, by linear interpolation of the logarithm between the neighbouring points; null when out of their range.
    /// </summary>
    public static double? QpsAt(IReadOnlyList<AnnPoint> points, double recall)
    {
        AnnPoint[] sorted = [.. points.OrderBy(p => p.Ef)];
        for (var i = 0; i < sorted.Length; i++)
        {
            if (sorted[i].Recall < recall)
                continue;
            if (i == 0)
                return sorted[0].Qps;
            var share = (recall - sorted[i - 1].Recall) / (sorted[i].Recall - sorted[i - 1].Recall);
            return Math.Exp(Math.Log(sorted[i - 1].Qps) * (1 - share) + Math.Log(sorted[i].Qps) * share);
        }
        return null;
    }

    public static double ProcessCpuSeconds() => Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;

    /// <summary>The processor, as the system names it.</summary>
    public static string Machine()
    {
        var model = "unknown processor";
        if (File.Exists("/proc/cpuinfo"))
        {
            var lines = File.ReadAllLines("/proc/cpuinfo");
            string Field(string name) =>
                lines.FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "?";
            model = $"{Field("model name")} (family {Field("cpu family")}, model {Field("model\t")})";
        }
        return $"{model}, {Environment.ProcessorCount} processors, .NET {Environment.Version}";
    }
}
