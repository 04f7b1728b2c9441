using System.Diagnostics;
using SearchEngine.Embeddings;

namespace SearchEngine.Workloads.Embed;

/// <summary>
/// Measures one loaded model: throughput, latency, and callers beside each other. Each gives the properties of one result of the report.
/// </summary>
/// <param name="generator">The model.</param>
/// <param name="type">Its data type, as the report names it.</param>
/// <param name="seconds">How long throughput and callers are measured.</param>
/// <param name="flopPerToken">Floating-point operations of the model's own arithmetic per token.</param>
/// <param name="peak">What libtorch's float32 products reach on one thread, in operations per second.</param>
/// <param name="peakTeraflops">The device's peak in this data type; null where it is not known.</param>
internal sealed class EmbedMeasure(
    Llm2VecEmbeddingGenerator generator,
    string type,
    double seconds,
    double flopPerToken,
    double peak,
    double? peakTeraflops
)
{
    /// <summary>A set of sequences again and again, after two times that are not counted.</summary>
    public async Task<object> ThroughputAsync(string name, int[][] sequences, CancellationToken cancellationToken)
    {
        await generator.EmbedTokensAsync(sequences, cancellationToken: cancellationToken).ConfigureAwait(false);
        await generator.EmbedTokensAsync(sequences, cancellationToken: cancellationToken).ConfigureAwait(false);
        var process = Process.GetCurrentProcess();
        process.Refresh();
        var cpu = process.TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        long tokens = 0,
            texts = 0;
        while (watch.Elapsed.TotalSeconds < seconds)
        {
            await generator.EmbedTokensAsync(sequences, cancellationToken: cancellationToken).ConfigureAwait(false);
            tokens += sequences.Sum(s => (long)s.Length);
            texts += sequences.Length;
        }
        var wall = watch.Elapsed.TotalSeconds;
        process.Refresh();
        var used = (process.TotalProcessorTime - cpu).TotalSeconds;
        return new
        {
            dtype = type,
            set = name,
            tokens_per_second = Math.Round(tokens / wall, 1),
            tokens_per_cpu_second = Math.Round(tokens / used, 1),
            texts_per_second = Math.Round(texts / wall, 2),
            share_of_torch_float32_matmul = Math.Round(tokens / used * flopPerToken / peak, 3),
            gflops_per_cpu_second = Math.Round(tokens / used * flopPerToken / 1e9, 1),
            teraflops = Math.Round(tokens / wall * flopPerToken / 1e12, 2),
            model_flop_utilisation = peakTeraflops is double available
                ? Math.Round(tokens / wall * flopPerToken / (available * 1e12), 3)
                : (double?)null,
        };
    }

    /// <summary>One query of twelve tokens at a time.</summary>
    public async Task<object> LatencyAsync(int vocabularySize, CancellationToken cancellationToken)
    {
        var query = EmbedData.Query(vocabularySize);
        List<double> times = [];
        var process = Process.GetCurrentProcess();
        TimeSpan cpu = default;
        for (var i = 0; i < 320; i++)
        {
            if (i == 20)
            {
                process.Refresh();
                cpu = process.TotalProcessorTime;
            }
            var start = Stopwatch.GetTimestamp();
            await generator.EmbedTokensAsync(query, cancellationToken: cancellationToken).ConfigureAwait(false);
            if (i >= 20)
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        process.Refresh();
        var cpuPerQuery = (process.TotalProcessorTime - cpu).TotalMilliseconds / times.Count;
        times.Sort();
        return new
        {
            dtype = type,
            set = "one query of 12 tokens",
            p50_milliseconds = Math.Round(times[times.Count / 2], 3),
            p95_milliseconds = Math.Round(times[times.Count * 95 / 100], 3),
            best_milliseconds = Math.Round(times[0], 3),
            cpu_milliseconds = Math.Round(cpuPerQuery, 3),
        };
    }

    /// <summary>Queries of 12 tokens by callers that each ask for one at a time; those that wait share a batch.</summary>
    public async Task<object> CallersAsync(int vocabularySize, int callers, CancellationToken cancellationToken)
    {
        int[] query = [.. Enumerable.Range(1, 12).Select(id => id % vocabularySize)];
        await generator.EmbedTokensAsync([query], cancellationToken: cancellationToken).ConfigureAwait(false);
        var process = Process.GetCurrentProcess();
        process.Refresh();
        var cpu = process.TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(AskAsync, cancellationToken)))
            .ConfigureAwait(false);
        var elapsed = watch.Elapsed.TotalSeconds;
        process.Refresh();
        return new
        {
            dtype = type,
            set = $"queries of 12 tokens, {callers} callers",
            queries_per_second = Math.Round(counts.Sum() / elapsed, 1),
            cpu_milliseconds = Math.Round((process.TotalProcessorTime - cpu).TotalMilliseconds / counts.Sum(), 3),
        };

        async Task<long> AskAsync()
        {
            long count = 0;
            for (; watch.Elapsed.TotalSeconds < seconds; count++)
                await generator.EmbedTokensAsync([query], cancellationToken: cancellationToken).ConfigureAwait(false);
            return count;
        }
    }
}
