using System.Text.Json;

namespace SearchEngine.Embeddings.Tests;

/// <summary>The golden checkpoints of the fixtures folder, and scratch folders.</summary>
internal static class Fixtures
{
    public static string Folder(string name) => Path.Combine(AppContext.BaseDirectory, "fixtures", name);

    public static JsonDocument Expected(string name) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder(name), "expected.json")));

    /// <summary>The token ids of the reference's sequences.</summary>
    public static int[][] Inputs(JsonDocument expected) =>
        [
            .. expected
                .RootElement.GetProperty("inputs")
                .EnumerateArray()
                .Select(s => s.EnumerateArray().Select(v => v.GetInt32()).ToArray()),
        ];

    public static float[] Floats(JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetSingle())];

    /// <summary>A copy of a fixture to be changed by a test; delete it with the returned handle.</summary>
    public static ScratchFolder Copy(string name)
    {
        ScratchFolder scratch = new();
        var source = Folder(name);
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(scratch.Path, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        return scratch;
    }

    public static double LargestDifference(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        Xunit.Assert.Equal(a.Length, b.Length);
        double largest = 0;
        for (var i = 0; i < a.Length; i++)
            largest = Math.Max(largest, double.IsFinite(a[i]) ? Math.Abs((double)a[i] - b[i]) : double.PositiveInfinity);
        return largest;
    }
}

/// <summary>A temporary folder, deleted at the end.</summary>
internal sealed class ScratchFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("searchengine-embeddings-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
