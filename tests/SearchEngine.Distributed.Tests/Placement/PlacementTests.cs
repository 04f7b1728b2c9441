using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Placement;
using SearchEngine.Distributed.Replication;
using SearchEngine.Distributed.Tests.Postgres;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Distributed.Tests.Placement;

public sealed class PlacementTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Shards_are_spread_evenly_and_a_silo_that_comes_or_goes_moves_only_its_own()
    {
        var random = new Random(TestSeed.Get(7));
        var bytes = new byte[16];
        random.NextBytes(bytes);
        var shards = Enumerable.Range(0, 3000).Select(shard => new LogShard(new Guid(bytes), shard)).ToArray();
        var five = Map(Enumerable.Range(0, 5));
        var six = Map(Enumerable.Range(0, 6));
        var counts = shards.SelectMany(five.Targets).CountBy(silo => silo).ToDictionary();
        Assert.Equal(6000, counts.Values.Sum());
        Assert.All(counts.Values, count => Assert.InRange(count, 1000, 1400));
        foreach (var shard in shards)
        {
            var (before, after) = (five.Targets(shard), six.Targets(shard));
            Assert.Equal(2, after.Distinct().Count());
            // Whoever the new silo did not push out stays, in the same order.
            Assert.Equal(before.Take(after.Count(silo => silo != "silo5")), after.Where(silo => silo != "silo5"));
        }

        Assert.InRange(shards.Count(shard => six.Targets(shard).Contains("silo5")), 850, 1150);
        Assert.Equal(["silo0"], Map([0]).Targets(shards[0]));
        Assert.Empty(ClusterMap.Empty.Targets(shards[0]));
    }

    [Fact]
    public void Where_a_shard_is_does_not_change_between_builds()
    {
        var shard = new LogShard(Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"), 7);
        Assert.Equal(9404763182658652353UL, Rendezvous.WeightOf(shard, "silo-1"));
    }

    [Fact]
    public async Task Changes_of_the_map_at_the_same_time_all_count_and_each_has_an_epoch_of_its_own()
    {
        await using var database = await postgres.OpenAsync();
        var placement = new PostgresPlacement(database);
        var changes = await Task.WhenAll(
            Enumerable
                .Range(0, 12)
                .Select(i =>
                    placement.ChangeMapAsync(map => map.With($"silo{i}", i % 2 == 0 ? MemberState.Active : MemberState.Draining), Token)
                )
        );
        Assert.Equal(Enumerable.Range(1, 12).Select(i => (long)i), changes.Select(map => map.Epoch).Order());
        var stands = await placement.GetMapAsync(Token);
        Assert.Equal(12, stands.Epoch);
        Assert.Equal(12, stands.Members.Count);
        Assert.Equal(6, stands.Members.Values.Count(state => state == MemberState.Draining));
        Assert.Equal(12, (await placement.ChangeMapAsync(map => map, Token)).Epoch);
        Assert.Equal(3, (await placement.ChangeMapAsync(map => map.WithReplicationFactor(3), Token)).ReplicationFactor);
        Assert.Throws<ArgumentException>(() => stands.With("a b", MemberState.Active));
        Assert.Throws<ArgumentException>(() => stands.WithReplicationFactor(0));
    }

    [Fact]
    public async Task A_silos_reports_take_the_place_of_its_earlier_ones()
    {
        await using var database = await postgres.OpenAsync();
        var placement = new PostgresPlacement(database);
        var collection = Guid.NewGuid();
        ReplicaReport Report(int shard, long position) =>
            new(new LogShard(collection, shard), position, true, 10, shard == 1 ? "fault" : null);
        await placement.ReportAsync("a", [Report(0, 5), Report(1, 6)], Token);
        await placement.ReportAsync("b", [Report(0, 4)], Token);
        await placement.ReportAsync("a", [Report(1, 9), Report(2, 1)], Token);
        var reports = await placement.ListReportsAsync(Token);
        Assert.Equal(
            [("b", Report(0, 4)), ("a", Report(1, 9)), ("a", Report(2, 1))],
            reports.Select(report => (report.Silo, report.Replica))
        );
        Assert.All(reports, report => Assert.InRange(report.Age, TimeSpan.Zero, TimeSpan.FromMinutes(5)));
        await placement.ReportAsync("a", [], Token);
        Assert.Equal("b", Assert.Single(await placement.ListReportsAsync(Token)).Silo);
    }

    [Fact]
    public async Task Silos_are_added_drained_and_removed_and_the_status_says_what_is_missing()
    {
        await using var database = await postgres.OpenAsync();
        await using var log = new PostgresLog(database);
        var placement = new PostgresPlacement(database);
        var administration = new ClusterAdministration(database, log, placement);
        Assert.False((await administration.GetStatusAsync(Token)).IsSettled);
        await administration.AddAsync("a", Token);
        Assert.Equal(2, (await administration.AddAsync("b", Token)).Epoch);
        Assert.Equal(2, (await administration.AddAsync("b", Token)).Epoch);
        Assert.True((await administration.GetStatusAsync(Token)).IsSettled);

        var notes = await log.CreateCollectionAsync(new CollectionSchema { Name = "notes" }, 1, Token);
        for (var i = 0; i < 5; i++)
            await log.AppendAsync(notes.LogOf(0), Guid.NewGuid(), new byte[1], Token);
        await placement.ReportAsync("a", [new(notes.LogOf(0), 5, true, 100, null)], Token);
        await placement.ReportAsync("b", [new(notes.LogOf(0), 2, false, 50, "the disk is full")], Token);
        var status = await administration.GetStatusAsync(Token);
        Assert.False(status.IsSettled);
        var shard = Assert.Single(status.Shards);
        Assert.Equal(("notes", 5L), (shard.Collection, shard.Log.Head));
        Assert.Equal([("a", 0L, null), ("b", 3L, "the disk is full")], shard.Replicas.Select(r => (r.Silo, r.Lag, r.Fault)));
        Assert.Equal([("a", 100L), ("b", 50L)], status.Silos.Select(silo => (silo.Name, silo.DiskBytes)));
        Assert.Equal(0, status.Standbys);
        await placement.ReportAsync("b", [new(notes.LogOf(0), 5, true, 50, null)], Token);
        Assert.True((await administration.WaitUntilSettledAsync(null, Token)).IsSettled);

        // One that holds what is another's keeps the cluster from being settled until it has given it up.
        await administration.DrainAsync("b", Token);
        Assert.False((await administration.GetStatusAsync(Token)).IsSettled);
        await placement.ReportAsync("b", [], Token);
        Assert.True((await administration.GetStatusAsync(Token)).IsSettled);
        Assert.Contains(
            "last one",
            (await Assert.ThrowsAsync<ArgumentException>(() => administration.DrainAsync("a", Token))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "it has a, b",
            (await Assert.ThrowsAsync<ArgumentException>(() => administration.DrainAsync("c", Token))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "alive",
            (await Assert.ThrowsAsync<ArgumentException>(() => administration.RemoveAsync("b", Token))).Message,
            StringComparison.Ordinal
        );
        await placement.ForgetAsync("b", Token);
        Assert.DoesNotContain("b", (await administration.RemoveAsync("b", Token)).Members.Keys);
        Assert.Contains(
            "drain it first",
            (
                await Assert.ThrowsAsync<ArgumentException>(async () =>
                {
                    await placement.ForgetAsync("a", Token);
                    await administration.RemoveAsync("a", Token);
                })
            ).Message,
            StringComparison.Ordinal
        );
        Assert.Equal(3, (await administration.SetReplicationFactorAsync(3, Token)).ReplicationFactor);
    }

    [Fact]
    public void Silent_silos_are_absent_where_others_can_take_their_shards_and_nobody_else_is_judged()
    {
        var limit = TimeSpan.FromMinutes(15);
        var speaking = TimeSpan.FromSeconds(10);
        ClusterMap Judge(ClusterMap map, params double[] minutes) =>
            map.WithSilentAbsent(
                minutes.Select((age, i) => KeyValuePair.Create($"silo{i}", TimeSpan.FromMinutes(age))).ToDictionary(),
                limit,
                speaking
            );
        IEnumerable<string> Absent(ClusterMap map) =>
            map.Members.Where(member => member.Value == MemberState.Absent).Select(member => member.Key).Order(StringComparer.Ordinal);

        var three = Map(Enumerable.Range(0, 3));
        Assert.Equal(["silo1"], Absent(Judge(three, 0, 15, 0)));
        // Not before its time, and then nothing is written.
        Assert.Same(three, Judge(three, 0, 14.9, 0));
        // Two replicas of each shard are wanted: where only one silo speaks, there is none that could hold a second.
        Assert.Same(three, Judge(three, 0, 20, 20));
        Assert.Same(three.Members, Judge(three, 20, 20, 20).Members);
        Assert.Equal(["silo1", "silo2"], Absent(Judge(Map(Enumerable.Range(0, 4)), 0, 20, 20, 0)));
        // More than half silent is an outage of something else.
        Assert.Empty(Absent(Judge(Map(Enumerable.Range(0, 5)), 0, 20, 20, 20, 0)));
        Assert.Equal(["silo1"], Absent(Judge(Map([0, 1]).WithReplicationFactor(1), 0, 20)));
        // One that drains is drained by hand, one that was never heard of waits.
        var mixed = three.With("silo3", MemberState.Draining).With("silo9", MemberState.Active);
        Assert.Empty(Absent(Judge(mixed, 0, 0, 0, 30)));
        // It holds nothing, and the places of the others do not change.
        var shard = new LogShard(Guid.Empty, 1);
        Assert.Equal(Map([0, 2]).Targets(shard), Judge(three, 0, 15, 0).Targets(shard));
    }

    private static ClusterMap Map(IEnumerable<int> silos) =>
        silos.Aggregate(ClusterMap.Empty, (map, silo) => map.With($"silo{silo}", MemberState.Active));
}
