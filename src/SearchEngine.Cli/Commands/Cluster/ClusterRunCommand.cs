using System.Net;
using Microsoft.Extensions.Logging;
using SearchEngine.Cli.Output;
using SearchEngine.Distributed.Placement;
using SearchEngine.Distributed.Replication;
using SearchEngine.Distributed.Silo;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Cluster;

/// <summary>Is a silo until it is ended.</summary>
internal sealed class ClusterRunCommand(CliConsole console)
{
    /// <summary>A silo as arguments and settings say.</summary>
    public static SiloSettings SettingsOf(
        string name,
        string directory,
        IPAddress address,
        int port,
        int gatewayPort,
        bool joins,
        DatabaseSettings database
    ) =>
        new()
        {
            Placement = new PlacementOptions
            {
                Silo = name,
                JoinOnStart = joins,
                DrainDeadAfter = database.Cluster.DrainDeadAfter,
            },
            Replicas = new ReplicaOptions
            {
                Directory = directory,
                // The shared log has what a replica lost: it does not wait for its own disk.
                Database = database.ToOptions(directory) with
                {
                    Durability = DatabaseDurability.Interval,
                    ReadOnly = false,
                },
            },
            Address = address,
            SiloPort = port,
            GatewayPort = gatewayPort,
        };

    public async Task<int> RunAsync(ClusterSettings cluster, SiloSettings silo, CancellationToken cancellationToken)
    {
        await ClusterSilo.RunAsync(
            cluster,
            silo,
            logging =>
            {
                logging.AddSimpleConsole(format => format.SingleLine = true).SetMinimumLevel(LogLevel.Warning);
                logging.AddFilter("SearchEngine", LogLevel.Information);
                logging.AddConsole(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
            },
            () =>
                console.WriteDiagnostic(
                    $"silo {silo.Placement.Silo} of {cluster.DisplayName} is up at {silo.Address}:{silo.SiloPort}, replicas in {silo.Replicas.Directory}"
                ),
            cancellationToken
        );
        return ExitCode.Success;
    }
}
