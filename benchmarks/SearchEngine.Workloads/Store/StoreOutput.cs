using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace SearchEngine.Workloads.Store;

/// <summary>One JSON line per result on standard output, with the machine in it.</summary>
internal static class StoreOutput
{
    public static void Line(string workload, string engine, params (string Name, JsonNode? Value)[] values)
    {
        var line = new JsonObject { ["workload"] = $"store/{workload}", ["engine"] = engine };
        foreach (var (name, value) in values) line[name] = value;
        line["record"] = $"{StoreData.RecordBytes} bytes + {StoreData.Dimensions} float32";
        line["machine"] = $"{Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}";
        Console.WriteLine(line.ToJsonString());
    }

    public static string Directory(string? asked, string name)
    {
        var directory = System.IO.Path.Combine(asked ?? System.IO.Path.Combine(System.IO.Path.GetTempPath(), "searchengine-store"), name);
        if (System.IO.Directory.Exists(directory)) System.IO.Directory.Delete(directory, recursive: true);
        System.IO.Directory.CreateDirectory(directory);
        return directory;
    }

    public static double Percentile(List<double> sorted, double part) => sorted.Count == 0 ? 0 : sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * part))];

    public static double Round(double value) => Math.Round(value, 3);
}
