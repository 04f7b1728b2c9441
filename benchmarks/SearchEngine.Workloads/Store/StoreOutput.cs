using System.Text.Json.Nodes;

namespace SearchEngine.Workloads.Store;

/// <summary>The store workloads' result lines and folders.</summary>
internal static class StoreOutput
{
    /// <summary>A result over the records of <see cref="StoreData"/>.</summary>
    public static void Line(string workload, string engine, params (string Name, JsonNode? Value)[] values) =>
        Line(workload, engine, $"{StoreData.RecordBytes} bytes + {StoreData.Dimensions} float32", values);

    /// <summary>A result over a collection of <see cref="MillionData"/>.</summary>
    public static void CollectionLine(string workload, int dimensions, params (string Name, JsonNode? Value)[] values) =>
        Line(workload, "searchengine", MillionData.Describe(dimensions), values);

    public static string Directory(string? asked, string name)
    {
        var directory = Under(asked, name);
        if (System.IO.Directory.Exists(directory))
            System.IO.Directory.Delete(directory, recursive: true);
        System.IO.Directory.CreateDirectory(directory);
        return directory;
    }

    /// <summary>The folder of a workload, with what an earlier run left in it.</summary>
    public static string Under(string? asked, string name) =>
        Path.Combine(asked ?? Path.Combine(Path.GetTempPath(), "searchengine-store"), name);

    private static void Line(string workload, string engine, string record, (string Name, JsonNode? Value)[] values) =>
        ResultLine.Print($"store/{workload}", [("engine", engine), .. values, ("record", record)]);
}
