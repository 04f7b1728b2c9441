using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SearchEngine.Distributed.Placement;
using SearchEngine.Distributed.Postgres;
using SearchEngine.Distributed.Replication;
using SearchEngine.Distributed.Routing.Serving;
using SearchEngine.Distributed.Silo;

namespace SearchEngine.Distributed.Tests.Cluster;

/// <summary>A silo as a process of its own, for tests that kill it. Ends when its standard input does.</summary>
public static class SiloProgram
{
    public const string Command = "silo";

    /// <summary>The arguments of a silo.</summary>
    public static string[] Arguments(string name, string directory, string postgres, int siloPort, int gatewayPort) =>
        [
            Command,
            name,
            directory,
            postgres,
            siloPort.ToString(CultureInfo.InvariantCulture),
            gatewayPort.ToString(CultureInfo.InvariantCulture),
        ];

    /// <summary>How tests reach their cluster: everything that is noticed is noticed soon.</summary>
    public static ClusterSettings Settings(string postgres) =>
        new()
        {
            Postgres = new PostgresOptions
            {
                ConnectionString = postgres,
                RetryFor = TimeSpan.FromMinutes(2),
                RetryWindow = TimeSpan.FromMinutes(3),
            },
            ProbeInterval = TimeSpan.FromSeconds(1),
            ProbesMissed = 3,
            CallTimeout = TimeSpan.FromSeconds(10),
        };

    public static async Task<int> RunAsync(string[] args)
    {
        await using var connection = await ClusterConnection.OpenAsync(Settings(args[2]));
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.AddClusterSilo(
            connection,
            new SiloSettings
            {
                Placement = new PlacementOptions
                {
                    Silo = args[0],
                    Interval = TimeSpan.FromMilliseconds(300),
                    ReportsLast = TimeSpan.FromSeconds(5),
                },
                Replicas = new ReplicaOptions { Directory = args[1], SnapshotEntries = 400 },
                SiloPort = int.Parse(args[3], CultureInfo.InvariantCulture),
                GatewayPort = int.Parse(args[4], CultureInfo.InvariantCulture),
            },
            async (collection, token) => await ShardReplica.OpenAsync(collection, token)
        );
        using var host = builder.Build();
        await host.StartAsync();
        Console.WriteLine("up");
        while (await Console.In.ReadLineAsync() is not null) { }
        await host.StopAsync();
        return 0;
    }
}
