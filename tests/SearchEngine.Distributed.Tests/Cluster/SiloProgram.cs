using System.Globalization;
using Microsoft.Extensions.Logging;
using SearchEngine.Distributed.Placement;
using SearchEngine.Distributed.Postgres;
using SearchEngine.Distributed.Replication;
using SearchEngine.Distributed.Silo;

namespace SearchEngine.Distributed.Tests.Cluster;

/// <summary>A silo as a process of its own, for tests that kill it. Ends when its standard input does.</summary>
public static class SiloProgram
{
    public const string Command = "silo";

    /// <summary>The arguments of a silo.</summary>
    public static string[] Arguments(
        string name,
        string directory,
        string postgres,
        int siloPort,
        int gatewayPort,
        TimeSpan? drainDeadAfter
    ) =>
        [
            Command,
            name,
            directory,
            postgres,
            siloPort.ToString(CultureInfo.InvariantCulture),
            gatewayPort.ToString(CultureInfo.InvariantCulture),
            (drainDeadAfter ?? TimeSpan.Zero).ToString("c", CultureInfo.InvariantCulture),
        ];

    /// <summary>
    /// How tests reach their cluster: everything that is noticed is noticed soon, but a silo that a busy machine does not let run for some
    /// seconds is not voted dead, for nothing would start it again.
    /// </summary>
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
            ProbesMissed = 12,
            CallTimeout = TimeSpan.FromSeconds(10),
        };

    public static async Task<int> RunAsync(string[] args)
    {
        using var ending = new CancellationTokenSource();
        var running = ClusterSilo.RunAsync(
            Settings(args[2]),
            new SiloSettings
            {
                Placement = new PlacementOptions
                {
                    Silo = args[0],
                    Interval = TimeSpan.FromMilliseconds(300),
                    ReportsLast = TimeSpan.FromSeconds(5),
                    DrainDeadAfter = TimeSpan.Parse(args[5], CultureInfo.InvariantCulture) is { Ticks: > 0 } after ? after : null,
                },
                Replicas = new ReplicaOptions { Directory = args[1], SnapshotEntries = 400 },
                SiloPort = int.Parse(args[3], CultureInfo.InvariantCulture),
                GatewayPort = int.Parse(args[4], CultureInfo.InvariantCulture),
            },
            logging => logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning),
            () => Console.WriteLine("up"),
            ending.Token
        );
        var input = Task.Run(async () =>
        {
            while (await Console.In.ReadLineAsync() is not null) { }
        });
        if (await Task.WhenAny(running, input) == input)
            await ending.CancelAsync();
        await running;
        return 0;
    }
}
