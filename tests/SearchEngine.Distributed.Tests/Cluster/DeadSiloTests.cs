using SearchEngine.Distributed.Placement;
using SearchEngine.Distributed.Routing;
using SearchEngine.TestSupport.Postgres;
using Xunit;

namespace SearchEngine.Distributed.Tests.Cluster;

/// <summary>A silo that dies and does not come back: its shards are made anew elsewhere, and it takes them again when it does.</summary>
public sealed class DeadSiloTests
{
    private static readonly CollectionSchema Schema = new()
    {
        Name = "notes",
        Fields = [new DataField("text", DataFieldType.String) { IsFullText = true }],
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_shards_of_a_dead_silo_are_made_anew_elsewhere_and_it_takes_them_again_when_it_comes_back()
    {
        Assert.SkipUnless(PostgresInstallation.Programs is not null, PostgresInstallation.Missing);
        await using var cluster = await TestCluster.StartAsync(silos: 3, standby: false, drainDeadAfter: TimeSpan.FromSeconds(12));
        await using var database = await DistributedDatabase.ConnectAsync(
            cluster.Connection.Settings,
            new DistributedDatabaseOptions { Shards = 6 },
            cancellationToken: Token
        );
        var notes = await database.CreateCollectionAsync(Schema, Token);
        await ((ISearchCollection)notes).UpsertAsync(
            [.. Enumerable.Range(0, 200).Select(i => new Document($"{i}") { ["text"] = $"note number {i}" })],
            Token
        );
        await cluster.SettledAsync(Token);
        var dead = cluster.Silos[1];
        await dead.KillAsync();

        // Every shard comes to two replicas on the two that are left, by themselves.
        var status = await UntilAsync(cluster, status => StateOf(status, dead) == MemberState.Absent && status.IsSettled);
        Assert.All(
            status.Shards,
            shard =>
            {
                Assert.Equal(["silo0", "silo2"], shard.Targets.Order(StringComparer.Ordinal));
                Assert.Equal(2, shard.Replicas.Count(replica => replica is { IsAlive: true, IsServing: true }));
            }
        );
        await notes.WriteAsync(new WriteBatch().Delete("0").Delete("1").Delete("2"), Token);
        Assert.Empty((await notes.VerifyAsync(null, Token)).Problems);
        Assert.Equal(197, await notes.CountAsync(cancellationToken: Token));

        // What it has on its disk is of before; it reads on, and the others give up what is its own again.
        await dead.StartAsync();
        status = await UntilAsync(cluster, status => StateOf(status, dead) == MemberState.Active && status.IsSettled);
        Assert.Contains(status.Shards, shard => shard.Targets.Contains(dead.Name));
        Assert.All(status.Shards, shard => Assert.Equal(2, shard.Replicas.Count));
        await cluster.Routes.RefreshAsync(Token);
        var shared = (await cluster.Connection.Log.FindCollectionAsync("notes", Token))!;
        var router = new DistributedCollection(shared, cluster.Routes.Of(shared), cluster.Connection.Log);
        var shards = await router.VerifyShardsAsync(null, Token);
        Assert.All(shards, shard => Assert.True(shard.IsCompared && shard.Replicas.Count == 2, string.Join("; ", shard.Problems)));
        Assert.All(shards, shard => Assert.Empty(shard.Problems));
    }

    private static MemberState? StateOf(ClusterStatus status, SiloProcess silo) =>
        status.Silos.Single(member => member.Name == silo.Name).State;

    /// <summary>Waits for a status and returns it: the next one may be of a silo whose report is late.</summary>
    private static async Task<ClusterStatus> UntilAsync(TestCluster cluster, Func<ClusterStatus, bool> condition)
    {
        ClusterStatus? status = null;
        await TestCluster.UntilAsync(
            async () => condition(status = await cluster.Connection.Administration.GetStatusAsync(Token)),
            () => $"The cluster did not come to what was waited for. {cluster.Outputs()}",
            Token
        );
        return status!;
    }
}
