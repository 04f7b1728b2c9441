namespace SearchEngine.Cli.Tests;

/// <summary><c>searchengine cluster</c>, and the commands of collections over a cluster in place of a folder.</summary>
public sealed class ClusterCommandTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_cluster_in_the_settings_the_error_says_where_to_name_one()
    {
        using var folder = new TemporaryFolder();
        foreach (var arguments in new[] { new[] { "status" }, ["run", "a"], ["drain", "a"], ["rebalance"], ["verify", "notes"] })
            (await CliProcess.RunAsync(folder.Path, ["cluster", .. arguments])).ExpectOneLineError("Database:Cluster:Connection");
    }

    [Fact]
    public async Task A_silo_runs_and_documents_are_taken_in_found_and_checked_over_it()
    {
        using var folder = new TemporaryFolder();
        await using var cluster = await RunningCluster.StartAsync(folder, shards: 2);
        Task<CliResult> RunAsync(params string[] arguments) => cluster.RunAsync(arguments);

        (await RunAsync("cluster", "run", "a", "--address", "nowhere")).ExpectOneLineError("--address", "nowhere");
        (await RunAsync("cluster", "run", "a b")).ExpectOneLineError("no name of a silo");
        await cluster.StartSiloAsync("a");
        await File.WriteAllTextAsync(folder.Combine("kettle.md"), "# Kettle\n\nThe copper kettle sings when the water boils.\n", Token);
        (await RunAsync("ingest", "kettle.md")).Expect(0);
        var found = (await RunAsync("search", "copper kettle", "--mode", "keyword", "--json")).Expect(0).Json;
        Assert.Contains("kettle.md", found.GetRawText(), StringComparison.Ordinal);
        Assert.NotEmpty(Directory.GetDirectories(folder.Combine("silos", "a")));
        Assert.False(Directory.Exists(folder.Combine("data")));

        Assert.Contains(
            "every shard where it belongs",
            (await RunAsync("cluster", "rebalance", "--replicas", "1")).Expect(0).Out,
            StringComparison.Ordinal
        );
        var status = (await RunAsync("cluster", "status", "--json")).Expect(0).Json;
        Assert.True(status.GetProperty("settled").GetBoolean());
        Assert.Equal("active", status.GetProperty("silos")[0].GetProperty("state").GetString());
        Assert.Equal(2, status.GetProperty("shards").GetArrayLength());
        Assert.All(
            status.GetProperty("shards").EnumerateArray(),
            shard =>
            {
                var replica = shard.GetProperty("replicas")[0];
                Assert.Equal(0, replica.GetProperty("lag").GetInt64());
                Assert.Equal(shard.GetProperty("head").GetInt64(), replica.GetProperty("position").GetInt64());
                Assert.Equal("serving", replica.GetProperty("state").GetString());
            }
        );
        Assert.Contains("on one server alone", (await RunAsync("cluster", "status")).Expect(0).Out, StringComparison.Ordinal);
        Assert.Contains("sound and equal", (await RunAsync("cluster", "verify", "default")).Expect(0).Out, StringComparison.Ordinal);
        (await RunAsync("cluster", "verify", "nowhere")).ExpectOneLineError("no collection 'nowhere'");
        (await RunAsync("cluster", "drain", "a")).ExpectOneLineError("the last one that holds replicas");
        (await RunAsync("cluster", "remove", "a")).ExpectOneLineError("alive");
        Assert.Equal(0, await cluster.StopSiloAsync("a"));
    }
}
