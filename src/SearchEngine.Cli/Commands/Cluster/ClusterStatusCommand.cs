using System.Globalization;
using SearchEngine.Cli.Output;
using SearchEngine.Distributed.Placement;
using SearchEngine.Distributed.Silo;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Cluster;

/// <summary>Shows how a cluster is.</summary>
internal sealed class ClusterStatusCommand(CliConsole console)
{
    public async Task<int> RunAsync(ClusterSettings settings, bool asJson, CancellationToken cancellationToken)
    {
        await using var connection = await ClusterConnection.OpenAsync(settings, cancellationToken);
        var status = await connection.Administration.GetStatusAsync(cancellationToken);
        if (asJson)
            console.WriteJson(ClusterReport.Of(status));
        else
            Write(status, settings);
        return ExitCode.Success;
    }

    private void Write(ClusterStatus status, ClusterSettings settings)
    {
        var output = console.Out;
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{settings.DisplayName}  epoch {status.Epoch}, {Format.Count(status.ReplicationFactor, "replica")} of each shard, {(status.IsSettled ? "every shard where it belongs" : $"{status.Shards.Count(s => !s.IsSettled)} of {status.Shards.Count} shards not where they belong")}"
            )
        );
        if (status.Standbys is { } standbys && standbys < status.ExpectedStandbys)
        {
            output.WriteLine(
                $"PostgreSQL has {Format.Count(standbys, "synchronous standby", "synchronous standbys")}: what is acknowledged is on {(standbys == 0 ? "one server alone" : "fewer servers than expected")}"
            );
        }
        output.WriteLine();
        foreach (var silo in status.Silos)
        {
            output.WriteLine(
                $"{silo.Name, -20} {ClusterReport.NameOf(silo.State), -10} {(silo.IsAlive ? "alive" : "silent"), -8} {Format.Count(silo.Replicas, "replica"), -14} {Format.Bytes(silo.DiskBytes)}"
            );
        }

        foreach (var collection in status.Shards.GroupBy(shard => shard.Collection))
        {
            output.WriteLine();
            output.WriteLine(collection.Key);
            foreach (var shard in collection)
            {
                output.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"  shard {shard.Shard.Shard, -4} at {shard.Log.Head, -10} {string.Join(", ", shard.Replicas.Select(replica => Of(replica, shard)).Concat(shard.Awaited.Select(silo => $"{silo} to come")))}"
                    )
                );
            }
        }
    }

    private static string Of(ReplicaStatus replica, ShardStatus shard) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{replica.Silo} {StateOf(replica)}{(shard.Targets.Contains(replica.Silo) ? "" : " (leaving)")}"
        );

    private static string StateOf(ReplicaStatus replica) =>
        replica.State switch
        {
            ReplicaState.Silent => "silent",
            ReplicaState.Faulted => $"cannot go on: {replica.Fault}",
            ReplicaState.CatchingUp => "catching up",
            _ => replica.Lag == 0 ? "up to date" : string.Create(CultureInfo.InvariantCulture, $"{replica.Lag} behind"),
        };
}
