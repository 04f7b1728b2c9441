namespace SearchEngine.Cli.Tests;

[Collection(DatabaseTests.Name)]
public sealed class MaintenanceTests(IngestedDatabase database)
{
    [Fact]
    public async Task An_export_comes_back_in_another_database_with_its_vectors()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Combine("default.jsonl");
        var exported = (await database.RunAsync("collection", "export", "default", "--output", file, "--json")).Expect(0).Json;
        var streamed = (await database.RunAsync("collection", "export", "default")).Expect(0);
        Assert.Equal(File.ReadLines(file).Count(), streamed.OutLines.Length);

        var imported = (await CliProcess.RunAsync(folder.Path, "collection", "import", file, "--collection", "copy", "--json"))
            .Expect(0)
            .Json;

        Assert.Equal(exported.GetProperty("records").GetInt64(), imported.GetProperty("records").GetInt64());
        var hit = (await CliProcess.RunAsync(folder.Path, "search", "oil the chain", "--mode", "vector", "--collection", "copy", "--json"))
            .Expect(0)
            .Json.GetProperty("hits")[0];
        Assert.Contains("bicycle.html", hit.GetProperty("source").GetString(), StringComparison.Ordinal);
        (await CliProcess.RunAsync(folder.Path, "collection", "verify", "copy")).Expect(0);
    }

    [Fact]
    public async Task A_parquet_export_comes_back_and_a_snapshot_is_searched_in_place()
    {
        using var folder = new TemporaryFolder();
        (await database.RunAsync("snapshot", "create", "default", folder.Combine("snapshot"))).Expect(0);
        (await CliProcess.RunAsync(folder.Path, "search", "lighthouse", "--mode", "keyword", "--data", "snapshot", "--read-only")).Expect(
            0
        );
        (await CliProcess.RunAsync(folder.Path, "collection", "verify", "default", "--data", "snapshot", "--read-only")).Expect(0);
        (await CliProcess.RunAsync(folder.Path, "collection", "verify", "default", "--data", "snapshot")).ExpectOneLineError("snapshot");
        (
            await CliProcess.RunAsync(
                folder.Path,
                "collection",
                "export",
                "default",
                "--data",
                "snapshot",
                "--read-only",
                "--format",
                "parquet"
            )
        ).ExpectOneLineError("--output");
        var exported = (
            await CliProcess.RunAsync(
                folder.Path,
                "collection",
                "export",
                "default",
                "--data",
                "snapshot",
                "--read-only",
                "--output",
                "all.parquet",
                "--json"
            )
        )
            .Expect(0)
            .Json;
        Assert.False(File.Exists(folder.Combine("snapshot", "LOCK")));

        var imported = (await CliProcess.RunAsync(folder.Path, "collection", "import", "all.parquet", "--collection", "copy", "--json"))
            .Expect(0)
            .Json;

        Assert.Equal(exported.GetProperty("records").GetInt64(), imported.GetProperty("records").GetInt64());
        (await CliProcess.RunAsync(folder.Path, "search", "lighthouse", "--mode", "keyword", "--collection", "copy")).Expect(0);
        (await CliProcess.RunAsync(folder.Path, "collection", "import", "all.parquet", "--format", "jsonl")).ExpectOneLineError(
            "no header"
        );
    }

    [Fact]
    public async Task An_export_that_fails_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.Combine("taken"));

        (await database.RunAsync("collection", "export", "default", "--output", folder.Combine("taken"))).Expect(2);

        Assert.Equal([folder.Combine("taken")], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task An_export_cut_short_is_refused()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Combine("default.jsonl");
        (await database.RunAsync("collection", "export", "default", "--output", file)).Expect(0);
        File.WriteAllLines(file, File.ReadAllLines(file)[..^1]);

        var result = await CliProcess.RunAsync(folder.Path, "collection", "import", file);

        result.ExpectOneLineError("cut short");
    }

    [Fact]
    public async Task A_snapshot_is_restored_under_its_name()
    {
        using var folder = new TemporaryFolder();
        (await database.RunAsync("snapshot", "create", "default", folder.Combine("snapshot"))).Expect(0);
        (await database.RunAsync("snapshot", "create", "default", folder.Combine("snapshot"))).ExpectOneLineError("exists");

        (await CliProcess.RunAsync(folder.Path, "snapshot", "restore", "snapshot")).Expect(0);

        (await CliProcess.RunAsync(folder.Path, "search", "lighthouse", "--mode", "keyword")).Expect(0);
        (await CliProcess.RunAsync(folder.Path, "collection", "verify", "default")).Expect(0);
        (await database.RunAsync("snapshot", "restore", folder.Combine("snapshot"))).ExpectOneLineError("exists");
    }

    [Fact]
    public async Task A_repair_keeps_every_record()
    {
        using var folder = new TemporaryFolder();
        (await database.RunAsync("snapshot", "create", "default", folder.Combine("snapshot"))).Expect(0);
        (await CliProcess.RunAsync(folder.Path, "snapshot", "restore", "snapshot")).Expect(0);

        var repaired = (await CliProcess.RunAsync(folder.Path, "collection", "repair", "default", "--json")).Expect(0).Json;

        Assert.Equal(database.Ingest.Json.GetProperty("chunks").GetInt64(), repaired.GetProperty("records").GetInt64());
        (await CliProcess.RunAsync(folder.Path, "collection", "verify", "default")).Expect(0);
    }

    [Fact]
    public async Task A_damaged_collection_does_not_hide_the_others()
    {
        using var folder = new TemporaryFolder();
        (await database.RunAsync("snapshot", "create", "default", folder.Combine("snapshot"))).Expect(0);
        (await CliProcess.RunAsync(folder.Path, "snapshot", "restore", "snapshot")).Expect(0);
        var broken = Directory.CreateDirectory(folder.Combine(Path.Combine("data", "collections", "broken"))).FullName;
        await File.WriteAllTextAsync(Path.Combine(broken, "schema.json"), "no schema", TestContext.Current.CancellationToken);

        var list = await CliProcess.RunAsync(folder.Path, "collection", "list");
        Assert.Contains("default", list.Expect(1).Out, StringComparison.Ordinal);
        Assert.Contains("broken: ", list.Error, StringComparison.Ordinal);
        var json = (await CliProcess.RunAsync(folder.Path, "collection", "list", "--json")).Expect(1).Json;
        Assert.Equal(["default", "broken"], json.EnumerateArray().Select(c => c.GetProperty("name").GetString()!));
        Assert.Contains("schema.json", json[1].GetProperty("problem").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_shipped_model_is_understood()
    {
        using var folder = new TemporaryFolder();

        var model = (await CliProcess.RunAsync(folder.Path, "model", "inspect", "--json")).Expect(0).Json;

        Assert.Equal("llama", model.GetProperty("architecture").GetString());
        Assert.Contains("dimension", (await CliProcess.RunAsync(folder.Path, "model", "inspect")).Expect(0).Out, StringComparison.Ordinal);
        (await CliProcess.RunAsync(folder.Path, "model", "inspect", "nowhere")).ExpectOneLineError("nowhere");
        (await CliProcess.RunAsync(folder.Path, "model", "quantize", "nowhere", "q")).ExpectOneLineError("nowhere");
        (await CliProcess.RunAsync(folder.Path, "model", "quantize", "nowhere", "q", "--bits", "5")).ExpectOneLineError("--bits");
    }

    [Fact]
    public async Task What_is_kept_of_models_is_listed_and_removed()
    {
        using var folder = new TemporaryFolder();
        folder.Write("appsettings.json", """{ "SearchEngine": { "Embedding": { "WeightCache": "kept" } } }""");
        Task<CliResult> Run(params string[] arguments) => CliProcess.RunAsync(folder.Path, ["model", .. arguments]);
        Assert.Empty((await Run("cache", "--json")).Expect(0).Json.EnumerateArray());

        (await CliProcess.RunWithAsync(folder.Path, "words\n", null, "embed", "--dtype", "float32")).Expect(0);

        var file = Assert.Single((await Run("cache", "--json")).Expect(0).Json.EnumerateArray());
        var path = file.GetProperty("path").GetString()!;
        Assert.Equal(Path.Combine(folder.Path, "kept"), Path.GetDirectoryName(path));
        Assert.Equal(new FileInfo(path).Length, file.GetProperty("bytes").GetInt64());
        Assert.StartsWith("float32", file.GetProperty("form").GetString(), StringComparison.Ordinal);
        Assert.Contains(path, (await Run("cache")).Expect(0).Out, StringComparison.Ordinal);
        Assert.Contains("freed", (await Run("cache", "--clear")).Expect(0).Out, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(folder.Path, "kept")));
    }

    [Fact]
    public async Task A_training_step_without_its_settings_is_refused()
    {
        using var folder = new TemporaryFolder();

        (await CliProcess.RunAsync(folder.Path, "train", "mntp")).ExpectOneLineError("--config");
        (await CliProcess.RunAsync(folder.Path, "train", "mntp", "--config", "none.json")).ExpectOneLineError("none.json");
    }
}
