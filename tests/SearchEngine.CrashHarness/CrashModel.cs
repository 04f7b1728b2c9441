using SearchEngine.Vectors;

namespace SearchEngine.CrashHarness;

/// <summary>What the writer writes: everything about a record follows from its key and version, so that any reader can check it.</summary>
public static class CrashModel
{
    public const int Dimension = 16;
    public const int Threads = 3;
    public const int KeysPerThread = 40;

    public static readonly CollectionSchema Schema = new()
    {
        Name = "crash",
        Fields =
        [
            new DataField("text", DataFieldType.String) { IsFullText = true },
            new DataField("version", DataFieldType.Int32) { IsFilterable = true },
        ],
        Vectors = [new VectorField("vector", Dimension) { Metric = DistanceMetric.Euclidean }],
    };

    /// <summary>A small log and memory, so that a few seconds see checkpoints, log truncation and reads from disk.</summary>
    public static SearchDatabaseOptions Options(string directory) =>
        new()
        {
            Directory = directory,
            MemoryBytes = 16 << 20,
            CheckpointLogBytes = 256 << 10,
            CheckpointInterval = TimeSpan.FromMilliseconds(400),
            IndexThreads = 1,
            Storage = new StorageSettings { ImagesFrom = 1, ImageChanges = 20 },
        };

    public static Document Record(string key, int version) =>
        new(key)
        {
            ["text"] =
                $"k{key.Replace("-", "x", StringComparison.Ordinal)} v{version} "
                + new string((char)('a' + version % 26), version * 37 % 3000),
            ["version"] = version,
            Vectors = { ["vector"] = Vector(key, version) },
        };

    public static float[] Vector(string key, int version)
    {
        // Distinct for every key and version, so that a record's own vector finds it alone.
        var random = new Random((HashOf(key) * 100_003) ^ (version * 7_919_993));
        var vector = new float[Dimension];
        for (var i = 0; i < vector.Length; i++)
            vector[i] = (float)random.NextDouble() - 0.5f;
        return vector;
    }

    private static int HashOf(string key)
    {
        var hash = 17;
        foreach (var c in key)
            hash = hash * 31 + c;
        return hash;
    }
}
