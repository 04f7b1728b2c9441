using SearchEngine.Distributed.Placement;
using SearchEngine.Distributed.Postgres;
using SearchEngine.Distributed.Replication;
using SearchEngine.Distributed.Silo;
using SearchEngine.Hosting;
using SearchEngine.TestSupport;
using SearchEngine.TestSupport.Postgres;

namespace SearchEngine.Api.Tests;

/// <summary>PostgreSQL, two silos of this process that hold one replica of each shard between them, and a host over them.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    /// <summary>Shards of every collection.</summary>
    public const int Shards = 4;

    private readonly TemporaryDirectory _folder = new();
    private readonly Dictionary<string, (CancellationTokenSource Stop, Task Running)> _silos = [];
    private PostgresServer? _postgres;

    /// <summary>Seconds for which a hasty host asks for a shard.</summary>
    public const int HastySeconds = 10;

    /// <summary>The host.</summary>
    public RunningHost Api { get; private set; } = null!;

    /// <summary>The cluster as its PostgreSQL knows it.</summary>
    public ClusterConnection Connection { get; private set; } = null!;

    // No silo of this process dies without a word: none is voted dead because the machine is busy.
    private ClusterSettings Settings => Section.ToSettings() with { ProbeInterval = TimeSpan.FromSeconds(5), ProbesMissed = 6 };

    private ClusterSection Section => new() { Connection = _postgres!.ConnectionString("cluster"), Shards = Shards };

    public async ValueTask InitializeAsync()
    {
        if (PostgresInstallation.Programs is null)
            return;
        _postgres = await PostgresServer.StartAsync();
        await _postgres.CreateDatabaseAsync("cluster");
        Connection = await ClusterConnection.OpenAsync(Settings);
        await Connection.Administration.SetReplicationFactorAsync(1);
        await Task.WhenAll(StartSiloAsync("a"), StartSiloAsync("b"));
        Api = await HostAsync(api => api);
    }

    /// <summary>Another host over the cluster.</summary>
    /// <param name="change">Changes its settings.</param>
    /// <param name="isHasty">Whether it soon gives up on a shard that does not answer.</param>
    internal Task<RunningHost> HostAsync(Func<ApiSettings, ApiSettings> change, bool isHasty = false) =>
        RunningHost.StartAsync(
            change,
            configure: settings =>
                settings with
                {
                    Model = "none",
                    Database = new DatabaseSettings { Cluster = isHasty ? Section with { TimeoutSeconds = HastySeconds } : Section },
                }
        );

    /// <summary>Starts a silo and waits until it has joined.</summary>
    public async Task StartSiloAsync(string name)
    {
        var up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stop = new CancellationTokenSource();
        var running = ClusterSilo.RunAsync(
            Settings,
            new SiloSettings
            {
                Placement = new PlacementOptions { Silo = name, Interval = TimeSpan.FromMilliseconds(300) },
                Replicas = new ReplicaOptions { Directory = _folder.Combine(name) },
                SiloPort = PostgresServer.FreePort(),
                GatewayPort = PostgresServer.FreePort(),
            },
            started: up.SetResult,
            cancellationToken: stop.Token
        );
        lock (_silos)
            _silos[name] = (stop, running);
        await await Task.WhenAny(up.Task, running);
        await UntilAsync(async () => (await Connection.Placement.GetMapAsync()).Members.ContainsKey(name));
    }

    /// <summary>Ends a silo; it stays a member of the map.</summary>
    public async Task StopSiloAsync(string name)
    {
        var (stop, running) = _silos[name];
        _silos.Remove(name);
        await stop.CancelAsync();
        await running;
        stop.Dispose();
    }

    /// <summary>Makes a collection of which each silo holds a shard at least; returns the shards of a silo.</summary>
    public async Task<IReadOnlyList<int>> MakeSplitAsync(string collection, string silo)
    {
        while (true)
        {
            await Connection.Log.CreateCollectionAsync(
                new CollectionSchema
                {
                    Name = collection,
                    Fields =
                    [
                        new DataField("text", DataFieldType.String) { IsFullText = true },
                        new DataField("kind", DataFieldType.String) { IsFilterable = true },
                    ],
                    Vectors = [new VectorField("v", 2)],
                },
                Shards
            );
            await Connection.Administration.WaitUntilSettledAsync();
            var shards = (await Connection.Administration.GetStatusAsync()).Shards.Where(shard => shard.Collection == collection).ToList();
            var held = shards.Where(shard => shard.Targets.SequenceEqual([silo])).Select(shard => shard.Shard.Shard).ToArray();
            if (held.Length is > 0 and < Shards)
                return held;
            await Api.SendAsync(HttpMethod.Delete, $"/collections/{collection}", null, 204);
        }
    }

    /// <summary>Waits for a condition, for some minutes.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        while (!await condition())
            await Task.Delay(100, patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (Api is not null)
            await Api.DisposeAsync();
        foreach (var name in _silos.Keys.ToArray())
            await StopSiloAsync(name);
        if (Connection is not null)
            await Connection.DisposeAsync();
        if (_postgres is not null)
            await _postgres.DisposeAsync();
        _folder.Dispose();
    }
}
