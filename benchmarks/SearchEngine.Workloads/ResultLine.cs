using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace SearchEngine.Workloads;

/// <summary>A result as one line of JSON on standard output, with the machine in it.</summary>
internal static class ResultLine
{
    public static void Print(string workload, params IEnumerable<(string Name, JsonNode? Value)> values)
    {
        var line = new JsonObject { ["workload"] = workload };
        foreach (var (name, value) in values)
            line[name] = value;
        line["machine"] =
            $"{Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}";
        Console.WriteLine(line.ToJsonString());
    }

    public static double Round(double value) => Math.Round(value, 3);

    /// <summary>The value that <paramref name="part"/> (0 to 1) of the sorted values lie below; 0 where there are none.</summary>
    public static double Percentile(List<double> sorted, double part) =>
        sorted.Count == 0 ? 0 : sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * part))];
}
