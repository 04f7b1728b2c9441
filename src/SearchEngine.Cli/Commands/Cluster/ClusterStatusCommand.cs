using System.Globalization;
using SearchEngine.Cli.Output;
using SearchEngine.Distributed.Placement;
using SearchEngine.Distributed.Silo;

namespace SearchEngine.Cli.Commands.Cluster;

/// <summary>Shows how a cluster is.</summary>
internal sealed class ClusterStatusCommand(CliConsole console)
{
    public async Task<int> RunAsync(ClusterSettings settings, bool asJson, CancellationToken cancellationToken)
    {
        await using var connection = await ClusterConnection.OpenAsync(settings, cancellationToken);
        var status = await connection.Administration.GetStatusAsync(cancellationToken);
        if (asJson)
            console.WriteJson(JsonOf(status));
        else
            Write(status, settings);
        return ExitCode.Success;
    }

    private static object JsonOf(ClusterStatus status) =>
        new
        {
            epoch = status.Epoch,
            replicationFactor = status.ReplicationFactor,
            standbys = status.Standbys,
            settled = status.IsSettled,
            silos = status.Silos.Select(silo => new
            {
                name = silo.Name,
                state = StateOf(silo),
                alive = silo.IsAlive,
                replicas = silo.Replicas,
                diskBytes = silo.DiskBytes,
            }),
            shards = status.Shards.Select(shard => new
            {
                collection = shard.Collection,
                shard = shard.Shard.Shard,
                head = shard.Log.Head,
                trimmed = shard.Log.Trimmed,
                targets = shard.Targets,
                settled = shard.IsSettled,
                replicas = shard.Replicas.Select(replica => new
                {
                    silo = replica.Silo,
                    alive = replica.IsAlive,
                    serving = replica.IsServing,
                    lag = replica.Lag,
                    diskBytes = replica.DiskBytes,
                    fault = replica.Fault,
                }),
            }),
        };

    private void Write(ClusterStatus status, ClusterSettings settings)
    {
        var output = console.Out;
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{settings.DisplayName}  epoch {status.Epoch}, {Format.Count(status.ReplicationFactor, "replica")} of each shard, {(status.IsSettled ? "every shard where it belongs" : $"{status.Shards.Count(s => !s.IsSettled)} of {status.Shards.Count} shards not where they belong")}"
            )
        );
        if (status.Standbys is { } standbys && standbys < settings.Postgres.ExpectedStandbys)
        {
            output.WriteLine(
                $"PostgreSQL has {Format.Count(standbys, "synchronous standby", "synchronous standbys")}: what is acknowledged is on {(standbys == 0 ? "one server alone" : "fewer servers than expected")}"
            );
        }
        output.WriteLine();
        foreach (var silo in status.Silos)
        {
            output.WriteLine(
                $"{silo.Name, -20} {StateOf(silo), -10} {(silo.IsAlive ? "alive" : "silent"), -8} {Format.Count(silo.Replicas, "replica"), -14} {Format.Bytes(silo.DiskBytes)}"
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
                        $"  shard {shard.Shard.Shard, -4} at {shard.Log.Head, -10} {string.Join(", ", shard.Replicas.Select(replica => Of(replica, shard)))}"
                    )
                );
            }
        }
    }

    private static string Of(ReplicaStatus replica, ShardStatus shard) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{replica.Silo} {(replica.Fault is { } fault ? $"cannot go on: {fault}" : !replica.IsAlive ? "silent" : !replica.IsServing ? "catching up" : replica.Lag == 0 ? "up to date" : $"{replica.Lag} behind")}{(shard.Targets.Contains(replica.Silo) ? "" : " (leaving)")}"
        );

    private static string StateOf(MemberStatus silo) =>
        silo.State switch
        {
            MemberState.Active => "active",
            MemberState.Draining => "draining",
            _ => "waiting",
        };
}
