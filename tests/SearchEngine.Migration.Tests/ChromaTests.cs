using SearchEngine.Vectors;

namespace SearchEngine.Migration.Tests;

public sealed class ChromaTests
{
    /// <summary>Vectors of cosine collections are normalized and given their length again: twice a rounding of floats.</summary>
    private const double Tolerance = 1e-6;

    /// <summary>The oracle is the server's own answer, from the same folder.</summary>
    [Fact]
    public async Task The_folder_gives_what_the_server_gave()
    {
        var folder = await Fixture.RowsAsync(await Fixture.OpenAsync("chroma", new StoreOptions { Table = "notes" }));
        var answer = await Fixture.RowsAsync(await Fixture.OpenAsync("chroma.json"));
        Assert.Equal(["a", "b", "d", "e", "f"], folder.Select(row => row["$id"]));
        Assert.Equal(answer.Count, folder.Count);
        foreach (var (expected, actual) in answer.Zip(folder))
        {
            foreach (var (column, value) in expected.Where(item => item.Value is not null && item.Key != "$vector"))
                Assert.Equal(value, actual[column]);
            Assert.Equal(expected.Count(item => item.Value is not null), actual.Count(item => item.Value is not null));
            foreach (var (a, b) in ((float[])expected["$vector"]!).Zip((float[])actual["$vector"]!))
                Assert.True(Math.Abs(a - b) <= Tolerance, $"{actual["$id"]}: {a} and {b}");
        }
    }

    [Fact]
    public async Task The_metric_is_the_collections_own()
    {
        var notes = await Fixture.DecideAsync("chroma", store: new StoreOptions { Table = "notes" });
        var plain = await Fixture.DecideAsync("chroma", store: new StoreOptions { Table = "plain" });
        Assert.Equal(DistanceMetric.Cosine, Assert.Single(notes.Vectors).Field.Metric);
        Assert.Equal(DistanceMetric.Euclidean, Assert.Single(plain.Vectors).Field.Metric);
        Assert.Equal("document", notes.Fields.Single(item => item.Column == "$document").Field.Name);
        Assert.Empty(notes.Problems);
    }

    [Fact]
    public async Task Several_collections_want_a_name_and_a_contradiction_is_refused()
    {
        var error = await Assert.ThrowsAsync<MigrationException>(() => Fixture.OpenAsync("chroma"));
        Assert.Contains("notes, plain", error.Message, StringComparison.Ordinal);
        var mapping = await Fixture.DecideAsync(
            "chroma",
            new MappingOptions { Metric = DistanceMetric.DotProduct },
            new StoreOptions { Table = "notes" }
        );
        Assert.Contains("Cosine", Assert.Single(mapping.Problems), StringComparison.Ordinal);
    }

    /// <summary>What Python's pickle writes of an object (Chroma 0.4 and 0.5): memo, names of a class, state.</summary>
    [Fact]
    public void An_index_of_an_older_version_is_read_and_code_is_never_run()
    {
        using var folder = new SearchEngine.TestSupport.TemporaryDirectory();
        var path = folder.Combine("index_metadata.pickle");
        byte[] pickle =
        [
            .. new byte[] { 0x80, 4, 0x8c, 1 },
            .. "m"u8,
            .. new byte[] { 0x94, 0x8c, 1 },
            .. "P"u8,
            .. new byte[] { 0x94, 0x93, 0x94, (byte)')', 0x81, 0x94, (byte)'}', 0x94, (byte)'(', 0x8c, 11 },
            .. "id_to_label"u8,
            .. new byte[] { 0x94, (byte)'}', 0x94, (byte)'(', 0x8c, 1 },
            .. "x"u8,
            .. new byte[] { 0x94, (byte)'K', 7, 0x8c, 1 },
            .. "y"u8,
            .. new byte[] { 0x94, 0x8a, 2, 0x2c, 0x01, (byte)'u', (byte)'u', (byte)'b', (byte)'.' },
        ];
        File.WriteAllBytes(path, pickle);
        Assert.Equal(new Dictionary<string, long> { ["x"] = 7, ["y"] = 300 }, PickledIndex.ReadLabels(path));
        // REDUCE would call what the pickle names.
        File.WriteAllBytes(path, [0x80, 4, (byte)'c', .. "os\nsystem\n"u8, (byte)')', (byte)'R', (byte)'.']);
        Assert.Contains("0x52", Assert.Throws<MigrationException>(() => PickledIndex.ReadLabels(path)).Message, StringComparison.Ordinal);
        for (var length = 0; length < pickle.Length; length++)
        {
            File.WriteAllBytes(path, pickle[..length]);
            Assert.Throws<MigrationException>(() => PickledIndex.ReadLabels(path));
        }
    }
}
