using System.Globalization;
using System.Text;
using SearchEngine.Distributed.Placement;
using SearchEngine.Distributed.Routing;
using SearchEngine.Distributed.Tests.Replication;
using SearchEngine.TestSupport.Postgres;
using Xunit;

namespace SearchEngine.Distributed.Tests.Cluster;

public sealed class PlacementInClusterTests
{
    private static readonly CollectionSchema Schema = new() { Name = "notes", Fields = [new("text", DataFieldType.String)] };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silo_is_added_and_one_is_drained_under_load_and_the_drained_ones_disk_is_returned()
    {
        Assert.SkipUnless(PostgresInstallation.Programs is not null, PostgresInstallation.Missing);
        await using var cluster = await TestCluster.StartAsync(2, standby: false);
        var log = cluster.Connection.Log;
        var notes = await log.CreateCollectionAsync(Schema, 4, Token);
        await cluster.SettledAsync(notes, Token);
        await cluster.Routes.RefreshAsync(Token);
        var map = cluster.Routes.Of(notes);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var asked = 0;
        var load = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var shard = i % 4;
                var batch = new WriteBatch().Upsert(new Document($"k{i}") { ["text"] = $"{i}" });
                var position = await log.AppendAsync(notes.LogOf(shard), Guid.NewGuid(), CountingReplica.Entry(batch, Schema), Token);
                // Some replica of the shard answers, at every moment, and has the entry.
                Assert.Equal(position, await AskAsync(map, shard, position));
                asked++;
            }

            return asked;
        });

        var added = await cluster.AddSiloAsync();
        await cluster.SettledAsync(notes, Token);
        Assert.NotEmpty(Directory.GetDirectories(added.Directory));
        var drained = cluster.Silos[0];
        await cluster.Connection.Placement.ChangeMapAsync(at => at.With(drained.Name, MemberState.Draining), Token);
        await cluster.SettledAsync(notes, Token);
        await TestCluster.UntilAsync(
            () => Task.FromResult(Directory.GetDirectories(drained.Directory).Length == 0),
            () => $"The disk of the drained silo is not returned: {cluster.Outputs()}",
            Token
        );
        await stop.CancelAsync();
        Assert.True(await load > 20, $"{asked} calls were made meanwhile.");
    }

    private static async Task<long> AskAsync(IShardMap map, int shard, long position)
    {
        for (var attempt = 0; ; attempt++)
        {
            foreach (var replica in map.ReplicasOf(shard))
            {
                try
                {
                    var reply = await replica.CallAsync("count", position, ReadOnlyMemory<byte>.Empty, Token);
                    return long.Parse(Encoding.UTF8.GetString(reply.Span), CultureInfo.InvariantCulture);
                }
                catch (ShardUnreachableException) when (attempt < 3)
                {
                    // It has just given the shard up: another one serves it.
                }
            }

            await Task.Delay(300, Token);
        }
    }
}
