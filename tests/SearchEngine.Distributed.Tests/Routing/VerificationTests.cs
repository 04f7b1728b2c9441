using SearchEngine.Distributed.Routing;
using SearchEngine.Distributed.Routing.Checking;
using SearchEngine.Distributed.Tests.Postgres;
using Xunit;

namespace SearchEngine.Distributed.Tests.Routing;

/// <summary>A check of a cluster's collection looks at every replica.</summary>
public sealed class VerificationTests(PostgresFixture postgres)
{
    private static readonly CollectionSchema Schema = new()
    {
        Name = "notes",
        KeyKind = RecordKeyKind.Int64,
        Fields = [new DataField("text", DataFieldType.String) { IsFullText = true }],
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Replicas_that_differ_are_named_and_so_is_one_that_does_not_answer()
    {
        await using var cluster = await LocalCluster.StartAsync(postgres, Schema, shards: 2, replicas: 3);
        var routed = cluster.Router();
        await routed.UpsertAsync([.. Enumerable.Range(0, 40).Select(key => new Document((long)key) { ["text"] = $"number {key}" })], Token);
        var sound = await routed.VerifyAsync(null, Token);
        Assert.Empty(sound.Problems);
        Assert.Equal(40, sound.Records);
        Assert.Equal(2, sound.Checks.Count(check => check.Contains("content hashes of 3 replicas", StringComparison.Ordinal)));

        // What one replica holds and the log does not: every view of it is sound, and only the others tell.
        var (odd, others) = (cluster.ReplicasAt(1)[2], cluster.ReplicasAt(1).Take(2));
        var key = Enumerable.Range(0, 40).First(key => RecordKey.From((long)key).PartitionOf(2) == 1);
        await odd.Collection.UpsertAsync([new Document((long)key) { ["text"] = "something else" }], Token);
        var problem = Assert.Single((await routed.VerifyAsync(null, Token)).Problems);
        Assert.StartsWith("shard 1: its replicas differ", problem, StringComparison.Ordinal);
        Assert.Contains(string.Join(" and ", others.Select(replica => replica.Name)), problem, StringComparison.Ordinal);
        Assert.Contains(odd.Name, problem, StringComparison.Ordinal);

        odd.IsCut = true;
        var hasty = cluster.Router(new RouterOptions { Timeout = TimeSpan.FromMilliseconds(300) });
        var cut = await hasty.VerifyAsync(null, Token);
        Assert.Equal($"shard 1 on {odd.Name}: {odd.Name} is cut off.", Assert.Single(cut.Problems));
        Assert.Contains("shard 1: its replicas were not compared: one did not answer", cut.Checks);
    }

    [Fact]
    public void Replicas_at_different_positions_are_not_compared_and_that_is_no_problem()
    {
        var moving = new ShardVerification(0, [Found("a", 5, true, "x"), Found("b", 7, false, "y")]);
        Assert.False(moving.IsCompared);
        Assert.Empty(moving.Problems);
        Assert.Equal("its replicas were written to all the while and were not compared: a at 5, b from 7", moving.NotCompared);
        Assert.Equal("shard 3: no silo serves it", Assert.Single(new ShardVerification(3, []).Problems));

        // Two of three that stand at one position say what they say whatever the third does.
        var differing = new ShardVerification(0, [Found("a", 5, true, "x"), Found("b", 5, true, "y"), Found("c", 9, false, "z")]);
        Assert.Contains("a with 1 records, hash x, b with 1 records, hash y", Assert.Single(differing.Problems), StringComparison.Ordinal);
    }

    private static ReplicaVerification Found(string replica, long position, bool isSteady, string hash) =>
        new(replica, new ReplicaCheck(position, isSteady, 1, hash, [], []), null);
}
