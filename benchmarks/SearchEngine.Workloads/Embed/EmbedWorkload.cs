using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using SearchEngine.Embeddings;
using TorchSharp;

namespace SearchEngine.Workloads.Embed;

/// <summary>
/// Measures the embedder on token sequences of fixed seeds (see <see cref="EmbedData"/>). Tokens per CPU-second divide by the process's own
/// CPU time, so that they compare across numbers of cores.
/// </summary>
internal sealed class EmbedWorkload(
    string? modelPath,
    string shape,
    string device,
    string[] dataTypes,
    double seconds,
    int? batchTokens,
    double? peakTeraflops,
    string? vectorsFolder
)
{
    public async Task<int> RunAsync(bool firstVectorOnly, CancellationToken cancellationToken)
    {
        string? temporary = null;
        try
        {
            if (modelPath is null)
            {
                temporary = Directory.CreateTempSubdirectory("searchengine-embed-").FullName;
                EmbedData.MakeModel(shape, device, temporary);
            }
            var folder = modelPath ?? temporary!;
            if (firstVectorOnly)
            {
                await PrintFirstVectorAsync(folder, cancellationToken).ConfigureAwait(false);
                return 0;
            }
            await RunAsync(folder, cancellationToken).ConfigureAwait(false);
            return 0;
        }
        finally
        {
            if (temporary is not null)
                Directory.Delete(temporary, recursive: true);
        }
    }

    private const int ConcurrentCallers = 8;

    private async Task RunAsync(string folder, CancellationToken cancellationToken)
    {
        var config = DecoderConfigReader.Read(ModelFolder.Read(folder).BaseFolder);
        var sets = EmbedData.Sets(config);
        var flopPerToken =
            2.0 * (config.ParameterCount - (long)config.VocabularySize * config.HiddenSize * (config.TieWordEmbeddings ? 1 : 2));
        var peak = MatrixPeak();
        List<object> results = [];
        foreach (var type in dataTypes)
        {
            using var generator = Llm2VecEmbeddingGenerator.Load(
                new Llm2VecOptions
                {
                    ModelPath = folder,
                    Device = device,
                    DataType = type,
                    BatchTokens = batchTokens,
                }
            );
            foreach ((var name, var sequences) in sets)
            {
                if (vectorsFolder is not null && type == dataTypes[0])
                {
                    var vectors = await generator.EmbedTokensAsync(sequences, cancellationToken: cancellationToken).ConfigureAwait(false);
                    await File.WriteAllLinesAsync(
                            Path.Combine(vectorsFolder, name + ".vectors.jsonl"),
                            vectors.Select(v => JsonSerializer.Serialize(v)),
                            cancellationToken
                        )
                        .ConfigureAwait(false);
                }
                await Console.Error.WriteLineAsync($"{type} {name} on {generator.Compute} …").ConfigureAwait(false);
                results.Add(
                    await ThroughputAsync(generator, type, name, sequences, flopPerToken, peak, cancellationToken).ConfigureAwait(false)
                );
            }
            results.Add(await LatencyAsync(generator, type, config, cancellationToken).ConfigureAwait(false));
            foreach (var callers in new[] { 1, ConcurrentCallers })
                results.Add(await CallersAsync(generator, type, config, callers, cancellationToken).ConfigureAwait(false));
        }
        object report = new
        {
            workload = "embed",
            shape = new
            {
                config.ModelType,
                config.HiddenSize,
                config.Layers,
                config.Heads,
                config.IntermediateSize,
                config.VocabularySize,
                config.ParameterCount,
            },
            seed = EmbedData.Seed,
            processors = Environment.ProcessorCount,
            processor = ProcessorName(),
            torch_float32_matmul_gflops_one_thread = Math.Round(peak / 1e9, 1),
            results,
            milliseconds_to_first_vector = await FirstVectorAsync(folder, cancellationToken).ConfigureAwait(false),
            peak_memory_mb = Process.GetCurrentProcess().PeakWorkingSet64 >> 20,
        };
        Console.WriteLine(JsonSerializer.Serialize(report, new JsonSerializerOptions { WriteIndented = true }));
    }

    private async Task<object> ThroughputAsync(
        Llm2VecEmbeddingGenerator generator,
        string type,
        string name,
        int[][] sequences,
        double flopPerToken,
        double peak,
        CancellationToken cancellationToken
    )
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
    private static async Task<object> LatencyAsync(
        Llm2VecEmbeddingGenerator generator,
        string type,
        DecoderConfig config,
        CancellationToken cancellationToken
    )
    {
        var query = EmbedData.Query(config.VocabularySize);
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
    private async Task<object> CallersAsync(
        Llm2VecEmbeddingGenerator generator,
        string type,
        DecoderConfig config,
        int callers,
        CancellationToken cancellationToken
    )
    {
        int[] query = [.. Enumerable.Range(1, 12).Select(id => id % config.VocabularySize)];
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

    /// <summary>Runs this program again for one vector.</summary>
    private async Task<double?> FirstVectorAsync(string folder, CancellationToken cancellationToken)
    {
        if (Environment.ProcessPath is not string self || Path.GetFileNameWithoutExtension(self) == "dotnet")
            return null;
        using var child = Process.Start(
            new ProcessStartInfo(self, ["embed", "--first-vector", "--model", folder, "--device", device, "--dtype", dataTypes[0]])
            {
                RedirectStandardOutput = true,
            }
        )!;
        var output = await child.StandardOutput.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
        await child.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        return double.TryParse(output.Split(' ')[0], CultureInfo.InvariantCulture, out var milliseconds) ? milliseconds : null;
    }

    private async Task PrintFirstVectorAsync(string folder, CancellationToken cancellationToken)
    {
        using var generator = Llm2VecEmbeddingGenerator.Load(
            new Llm2VecOptions
            {
                ModelPath = folder,
                Device = device,
                DataType = dataTypes[0],
            }
        );
        await generator
            .EmbedTokensAsync(
                [
                    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
                ],
                cancellationToken: cancellationToken
            )
            .ConfigureAwait(false);
        using var process = Process.GetCurrentProcess();
        var elapsed = (DateTime.Now - process.StartTime).TotalMilliseconds;
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{elapsed:F1} {process.TotalProcessorTime.TotalMilliseconds:F0} {AnonymousKilobytes() / 1024.0:F1}"
            )
        );
    }

    /// <summary>Memory of the process that no file backs, so that no other process shares it; Linux only, else zero.</summary>
    private static long AnonymousKilobytes()
    {
        const string Status = "/proc/self/status",
            Name = "RssAnon:";
        return
            File.Exists(Status)
            && File.ReadLines(Status).FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal)) is string line
            ? long.Parse(line[Name.Length..].Trim().Split(' ')[0], CultureInfo.InvariantCulture)
            : 0;
    }

    /// <summary>Multiply-adds count twice; the best of a second of products of a thousand rows, on one thread.</summary>
    private static double MatrixPeak()
    {
        TorchRuntime.EnsureLoaded();
        var threads = torch.get_num_threads();
        torch.set_num_threads(1);
        var best = double.MaxValue;
        using (torch.inference_mode())
        using (
            torch.Tensor a = torch.randn([1024, 1024]),
                b = torch.randn([1024, 1024])
        )
        {
            for (var total = Stopwatch.StartNew(); total.ElapsedMilliseconds < 1000; )
            {
                var start = Stopwatch.GetTimestamp();
                a.matmul(b).Dispose();
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }
        torch.set_num_threads(threads);
        return 2.0 * 1024 * 1024 * 1024 / best;
    }

    private static string ProcessorName()
    {
        const string Path = "/proc/cpuinfo";
        return
            File.Exists(Path)
            && File.ReadLines(Path).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) is string line
            ? line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown";
    }
}
