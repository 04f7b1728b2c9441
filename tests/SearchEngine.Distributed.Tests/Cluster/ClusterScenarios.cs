using System.Diagnostics;
using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Routing;

namespace SearchEngine.Distributed.Tests.Cluster;

/// <summary>
/// What befalls a cluster while it is written to and searched; after each part all is held against what was acknowledged, and the replicas
/// against each other. Tests run it short, the soak at length.
/// </summary>
public sealed class ClusterScenarios(TestCluster cluster, int seed, Action<string> tell)
{
    private const int Shards = 4;

    /// <summary>Writes that are to be acknowledged between two blows, so that each meets a cluster at work.</summary>
    private const int WritesBetween = 25;

    private readonly Random _random = new(seed);
    private SharedCollection _shared = null!;
    private DistributedCollection _collection = null!;

    /// <summary>Makes the collection.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        _shared = await cluster.Connection.Log.CreateCollectionAsync(ClusterLoad.Schema, Shards, cancellationToken);
        await cluster.SettledAsync(cancellationToken);
        await cluster.Routes.RefreshAsync(cancellationToken);
        _collection = NewRouter();
    }

    /// <summary>Kills silos under load, one after the other, and starts each again.</summary>
    public Task KillSilosAsync(int times, CancellationToken cancellationToken) =>
        UnderLoadAsync(
            $"{times} silos killed",
            async load =>
            {
                for (var i = 0; i < times; i++)
                {
                    await load.WritesMoreAsync(WritesBetween, cancellationToken);
                    var silo = cluster.Silos[_random.Next(cluster.Silos.Count)];
                    await silo.KillAsync();
                    await load.WritesMoreAsync(WritesBetween, cancellationToken);
                    await silo.StartAsync();
                    await cluster.SettledAsync(cancellationToken);
                }
            },
            cancellationToken
        );

    /// <summary>Kills the primary under load and promotes the standby.</summary>
    public Task KillPrimaryAsync(CancellationToken cancellationToken) =>
        UnderLoadAsync(
            "the primary killed, the standby promoted",
            async load =>
            {
                await load.WritesMoreAsync(WritesBetween, cancellationToken);
                await cluster.Primary.KillAsync();
                await cluster.Standby!.PromoteAsync();
                await load.WritesMoreAsync(WritesBetween, cancellationToken);
            },
            cancellationToken
        );

    /// <summary>
    /// Stops a silo's threads until the others have voted it dead, and has them go on: what it answers then must not be older than what was
    /// acknowledged, and it ends itself.
    /// </summary>
    public Task StopSiloAsync(CancellationToken cancellationToken) =>
        UnderLoadAsync(
            "a silo stopped past its death vote",
            async load =>
            {
                await load.WritesMoreAsync(WritesBetween, cancellationToken);
                var silo = cluster.Silos[_random.Next(cluster.Silos.Count)];
                await silo.StopAsync();
                await cluster.IsDeadAsync(silo, cancellationToken);
                await load.WritesMoreAsync(WritesBetween, cancellationToken);
                await silo.ContinueAsync();
                await load.WritesMoreAsync(WritesBetween, cancellationToken);
                await silo.WaitForExitAsync(cancellationToken).WaitAsync(TimeSpan.FromMinutes(10), cancellationToken);
                await silo.KillAsync();
                await silo.StartAsync();
                await cluster.SettledAsync(cancellationToken);
            },
            cancellationToken
        );

    /// <summary>Adds a silo under load and drains another one; the drained one's disk is returned.</summary>
    public Task AddAndDrainAsync(CancellationToken cancellationToken) =>
        UnderLoadAsync(
            "a silo added and one drained",
            async load =>
            {
                await load.WritesMoreAsync(WritesBetween, cancellationToken);
                await cluster.AddSiloAsync();
                await cluster.SettledAsync(cancellationToken);
                var drained = cluster.Silos[0];
                await cluster.Connection.Administration.DrainAsync(drained.Name, cancellationToken);
                await cluster.SettledAsync(cancellationToken);
                await TestCluster.UntilAsync(
                    () => Task.FromResult(Directory.GetDirectories(drained.Directory).Length == 0),
                    () => $"The disk of {drained.Name} is not returned.",
                    cancellationToken
                );
                await load.WritesMoreAsync(WritesBetween, cancellationToken);
            },
            cancellationToken
        );

    /// <summary>
    /// Kills routers at moments of their own, between an append and its acknowledgement as well: what they had acknowledged is there, what
    /// they had begun is there once or not at all.
    /// </summary>
    public async Task KillRoutersAsync(int times, CancellationToken cancellationToken)
    {
        var (tried, acknowledged) = (new HashSet<string>(), new HashSet<string>());
        var before = await EntriesAsync(cancellationToken);
        for (var i = 0; i < times; i++)
        {
            var start = new ProcessStartInfo(
                Environment.ProcessPath!,
                [WriterProgram.Command, cluster.Connection.Settings.Postgres.ConnectionString, $"router{i}"]
            )
            {
                RedirectStandardOutput = true,
            };
            using var writer = Process.Start(start)!;
            var target = acknowledged.Count + _random.Next(5, 30);
            while (await writer.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
            {
                (line.StartsWith("ack ", StringComparison.Ordinal) ? acknowledged : tried).Add(line[4..]);
                if (acknowledged.Count >= target && line.StartsWith("try ", StringComparison.Ordinal))
                    break;
            }

            // Somewhere within the write that was begun.
            await Task.Delay(_random.Next(0, 12), cancellationToken);
            writer.Kill();
            while (await writer.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
                (line.StartsWith("ack ", StringComparison.Ordinal) ? acknowledged : tried).Add(line[4..]);
            await writer.WaitForExitAsync(cancellationToken);
        }

        // What the last one had sent is through by then.
        var problems = await VerifyAsync(cancellationToken);
        if (problems.Count > 0)
            throw new InvalidOperationException($"{times} routers killed: {string.Join('\n', problems)}");

        var keys = new HashSet<string>();
        await foreach (var key in _collection.ListKeysAsync(cancellationToken))
        {
            if (key.ToString().StartsWith("router", StringComparison.Ordinal) && !keys.Add(key.ToString()))
                throw new InvalidOperationException($"{key} is there twice.");
        }

        // An entry that was appended twice would have been refused the second time, for it expects that there is no record: it would count.
        var entries = await EntriesAsync(cancellationToken) - before;
        if (!acknowledged.IsSubsetOf(keys) || !keys.IsSubsetOf(tried) || entries != keys.Count)
        {
            throw new InvalidOperationException(
                $"{times} routers killed: {tried.Count} writes tried, {acknowledged.Count} acknowledged, {keys.Count} records there, {entries} entries."
            );
        }

        tell($"{times} routers killed: {tried.Count} writes tried, {acknowledged.Count} acknowledged, {keys.Count} applied, each once");
    }

    /// <summary>What is wrong with any replica, and which of them could not be compared.</summary>
    private async Task<IReadOnlyList<string>> VerifyAsync(CancellationToken cancellationToken)
    {
        await cluster.Routes.RefreshAsync(cancellationToken);
        var shards = await NewRouter().VerifyShardsAsync(null, cancellationToken);
        return [.. shards.SelectMany(shard => shard.Problems), .. shards.Select(shard => shard.NotCompared).OfType<string>()];
    }

    private async Task<long> EntriesAsync(CancellationToken cancellationToken) =>
        (await cluster.Connection.Log.GetHeadsAsync(_shared.Id, cancellationToken)).Sum();

    private DistributedCollection NewRouter() =>
        new(
            _shared,
            cluster.Routes.Of(_shared),
            cluster.Connection.Log,
            new RouterOptions { Timeout = TimeSpan.FromMinutes(5), AttemptTimeout = TimeSpan.FromSeconds(15) }
        );

    private async Task UnderLoadAsync(string what, Func<ClusterLoad, Task> blows, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        // What earlier parts wrote is gone first: each part knows all that is to be there.
        await _collection.DeleteAsync(DocumentFilter.GreaterOrEqual("number", 0L), cancellationToken);
        var load = new ClusterLoad(_collection, _random.Next());
        try
        {
            await using (load)
                await blows(load);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new InvalidOperationException($"{what}: {e.Message}\n{string.Join('\n', load.Failures)}\n{cluster.Outputs()}", e);
        }

        var problems = load.Failures.Concat(await load.CheckAsync(cancellationToken)).ToList();
        // A second router, which knows nothing of what the first one wrote, sees it all.
        var other = NewRouter();
        if (
            await other.CountAsync(cancellationToken: cancellationToken)
            != await _collection.CountAsync(cancellationToken: cancellationToken)
        )
        {
            problems.Add("Two routers count differently.");
        }
        problems.AddRange(await VerifyAsync(cancellationToken));
        if (problems.Count > 0)
            throw new InvalidOperationException($"{what}: {string.Join('\n', problems.Take(20))}\n{cluster.Outputs()}");
        tell(
            FormattableString.Invariant(
                $"{what}: {load.Writes} writes, {load.Reads} reads, {load.Retries} tried twice, none wrong; searches {load.SearchPercentile(50).TotalMilliseconds:0.0} ms, 99% {load.SearchPercentile(99).TotalMilliseconds:0} ms, slowest {load.SearchPercentile(100).TotalMilliseconds:0} ms; replicas equal and sound; {Stopwatch.GetElapsedTime(begun).TotalSeconds:0} s"
            )
        );
    }
}
