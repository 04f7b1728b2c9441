using System.Diagnostics;
using TorchSharp;

namespace SearchEngine.Workloads.Embed;

/// <summary>The machine that the embedder is measured on.</summary>
internal static class EmbedMachine
{
    /// <summary>Multiply-adds count twice; the best of a second of products of a thousand rows, on one thread.</summary>
    public static double MatrixPeak()
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

    /// <summary>The processor, as the system names it.</summary>
    public static string ProcessorName()
    {
        const string Path = "/proc/cpuinfo";
        return
            File.Exists(Path)
            && File.ReadLines(Path).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) is string line
            ? line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown";
    }
}
