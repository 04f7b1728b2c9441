using System.Diagnostics;
using System.Globalization;
using SearchEngine.Embeddings;

namespace SearchEngine.Workloads.Embed;

/// <summary>From the start of a process to its first vector, which only a process of its own can tell.</summary>
/// <param name="folder">The model.</param>
/// <param name="device">Where it runs.</param>
/// <param name="dataType">In which type.</param>
/// <param name="weightCache">The folder in which packed weights are kept, or "none"; null for the user's.</param>
internal sealed class FirstVector(string folder, string device, string dataType, string? weightCache)
{
    /// <summary>Runs this program again for one vector.</summary>
    public async Task<double?> MeasureAsync(CancellationToken cancellationToken)
    {
        if (Environment.ProcessPath is not string self || Path.GetFileNameWithoutExtension(self) == "dotnet")
            return null;
        using var child = Process.Start(
            new ProcessStartInfo(
                self,
                [
                    "embed",
                    "--first-vector",
                    "--model",
                    folder,
                    "--device",
                    device,
                    "--dtype",
                    dataType,
                    .. weightCache is null ? (string[])[] : ["--weight-cache", weightCache],
                ]
            )
            {
                RedirectStandardOutput = true,
            }
        )!;
        var output = await child.StandardOutput.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
        await child.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        return double.TryParse(output.Split(' ')[0], CultureInfo.InvariantCulture, out var milliseconds) ? milliseconds : null;
    }

    /// <summary>Loads the model, embeds one query, and prints what that took since the process began.</summary>
    public async Task PrintAsync(CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        using var generator = Llm2VecEmbeddingGenerator.Load(
            new Llm2VecOptions
            {
                ModelPath = folder,
                Device = device,
                DataType = dataType,
                WeightCache = CacheOf(weightCache),
            }
        );
        var loading = Stopwatch.GetElapsedTime(start);
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
                $"{elapsed:F1} {process.TotalProcessorTime.TotalMilliseconds:F0} {AnonymousKilobytes() / 1024.0:F1} {loading.TotalMilliseconds:F1}"
            )
        );
    }

    /// <summary>The cache that a folder, "none" or null stand for.</summary>
    public static WeightCacheOptions CacheOf(string? folder) =>
        folder == "none" ? WeightCacheOptions.Off : new WeightCacheOptions { Folder = folder };

    /// <summary>Memory of the process that no file backs, so that no other process shares it; Linux only, else zero.</summary>
    private static long AnonymousKilobytes() => ProcessMemory.Kilobytes("RssAnon") ?? 0;
}
