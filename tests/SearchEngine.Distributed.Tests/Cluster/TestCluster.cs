using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Postgres;
using SearchEngine.Distributed.Silo;
using SearchEngine.TestSupport;
using SearchEngine.TestSupport.Postgres;
using static SearchEngine.Distributed.Postgres.PostgresStatements;

namespace SearchEngine.Distributed.Tests.Cluster;

/// <summary>A primary, a standby, silos in processes of their own, and this process as a client of them. Gone when disposed.</summary>
public sealed class TestCluster : IAsyncDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly List<SiloProcess> _silos = [];
    private string _connectionString = "";
    private TimeSpan? _drainDeadAfter;
    private IHost? _client;

    public PostgresServer Primary { get; private set; } = null!;

    public PostgresServer? Standby { get; private set; }

    public ClusterConnection Connection { get; private set; } = null!;

    public ClusterRoutes Routes => _client!.Services.GetRequiredService<ClusterRoutes>();

    public IReadOnlyList<SiloProcess> Silos => _silos;

    /// <summary>Starts servers, silos and the client.</summary>
    /// <param name="silos">How many silos.</param>
    /// <param name="standby">Whether PostgreSQL has one.</param>
    /// <param name="drainDeadAfter">The silence after which a silo's shards are made anew elsewhere; null for never.</param>
    public static async Task<TestCluster> StartAsync(int silos, bool standby, TimeSpan? drainDeadAfter = null)
    {
        var cluster = new TestCluster { _drainDeadAfter = drainDeadAfter };
        try
        {
            cluster.Primary = await PostgresServer.StartAsync();
            await cluster.Primary.CreateDatabaseAsync("cluster");
            cluster.Standby = standby ? await cluster.Primary.AddStandbyAsync() : null;
            cluster._connectionString = cluster.Primary.ConnectionString("cluster", cluster.Standby is { } other ? [other] : []);
            cluster.Connection = await ClusterConnection.OpenAsync(SiloProgram.Settings(cluster._connectionString));
            await Task.WhenAll(Enumerable.Range(0, silos).Select(_ => cluster.AddSiloAsync()));
            cluster._client = cluster.NewClient();
            await cluster._client.StartAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one more silo, which joins by itself.</summary>
    public async Task<SiloProcess> AddSiloAsync()
    {
        SiloProcess silo;
        lock (_silos)
        {
            var name = $"silo{_silos.Count}";
            silo = new SiloProcess(name, _folder.Combine(name), _connectionString, _drainDeadAfter);
            _silos.Add(silo);
        }

        await silo.StartAsync();
        await UntilAsync(
            async () => (await Connection.Placement.GetMapAsync()).Members.ContainsKey(silo.Name),
            () => $"Silo {silo.Name} did not join: {silo.Output}",
            CancellationToken.None
        );
        return silo;
    }

    /// <summary>Waits until every shard is served by as many silos as it is to be, and by no other.</summary>
    public Task SettledAsync(CancellationToken cancellationToken) =>
        UntilAsync(
            async () => (await Connection.Administration.GetStatusAsync(cancellationToken)).IsSettled,
            () => $"The shards did not come to rest. {Outputs()}",
            cancellationToken
        );

    /// <summary>Waits until the others have voted a silo dead.</summary>
    public Task IsDeadAsync(SiloProcess silo, CancellationToken cancellationToken) =>
        UntilAsync(
            async () =>
                await Connection.Database.ScalarAsync<long>(
                    "select count(*) from orleansmembershiptable where siloname = $1 and status <> $2",
                    cancellationToken,
                    Of(silo.Name),
                    Of((int)SiloStatus.Dead)
                ) == 0,
            () => $"{silo.Name} was not voted dead. {Outputs()}",
            cancellationToken
        );

    /// <summary>Waits for a condition; bounded, so that a soak ends.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, Func<string> otherwise, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(begun) > TimeSpan.FromMinutes(10))
                throw new TimeoutException(otherwise());
            await Task.Delay(100, cancellationToken);
        }
    }

    /// <summary>What the silos have written.</summary>
    public string Outputs() => string.Join("\n", _silos.Select(silo => $"--- {silo.Name}\n{silo.Output}"));

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.StopAsync();
            if (_client is IAsyncDisposable client)
                await client.DisposeAsync();
        }

        foreach (var silo in _silos)
            await silo.DisposeAsync();
        if (Connection is not null)
            await Connection.DisposeAsync();
        if (Standby is not null)
            await Standby.DisposeAsync();
        if (Primary is not null)
            await Primary.DisposeAsync();
        _folder.Dispose();
    }

    private IHost NewClient()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.AddClusterClient(Connection);
        return builder.Build();
    }
}
