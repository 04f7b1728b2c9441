using SearchEngine.Distributed.Placement;

namespace SearchEngine.Hosting;

/// <summary>How a cluster is, as the hosts write it in JSON.</summary>
internal sealed record ClusterReport(
    long Epoch,
    int ReplicationFactor,
    int? Standbys,
    int ExpectedStandbys,
    bool Settled,
    IReadOnlyList<ClusterReport.Silo> Silos,
    IReadOnlyList<ClusterReport.Shard> Shards
)
{
    public static ClusterReport Of(ClusterStatus status) =>
        new(
            status.Epoch,
            status.ReplicationFactor,
            status.Standbys,
            status.ExpectedStandbys,
            status.IsSettled,
            [.. status.Silos.Select(silo => new Silo(silo.Name, NameOf(silo.State), silo.IsAlive, silo.Replicas, silo.DiskBytes))],
            [.. status.Shards.Select(Shard.Of)]
        );

    /// <summary>A member's state in a word: a silo that is none yet waits to be added.</summary>
    public static string NameOf(MemberState? state) =>
        state switch
        {
            MemberState.Active => "active",
            MemberState.Draining => "draining",
            MemberState.Absent => "absent",
            _ => "waiting",
        };

    /// <summary>A silo.</summary>
    internal sealed record Silo(string Name, string State, bool Alive, int Replicas, long DiskBytes);

    /// <summary>
    /// A shard: how far its log reaches and what is trimmed of it, the silos that are to hold it, those of them that have not begun, and all
    /// replicas that there are.
    /// </summary>
    internal sealed record Shard(
        string Collection,
        [property: System.Text.Json.Serialization.JsonPropertyName("shard")] int Number,
        long Head,
        long Trimmed,
        IReadOnlyList<string> Targets,
        IReadOnlyList<string> Awaited,
        bool Settled,
        IReadOnlyList<Replica> Replicas
    )
    {
        public static Shard Of(ShardStatus shard) =>
            new(
                shard.Collection,
                shard.Shard.Shard,
                shard.Log.Head,
                shard.Log.Trimmed,
                shard.Targets,
                shard.Awaited,
                shard.IsSettled,
                [
                    .. shard.Replicas.Select(replica => new Replica(
                        replica.Silo,
                        replica.State,
                        !shard.Targets.Contains(replica.Silo),
                        replica.IsAlive,
                        replica.IsServing,
                        replica.Position,
                        replica.Lag,
                        replica.DiskBytes,
                        replica.Fault
                    )),
                ]
            );
    }

    /// <summary>A replica; it is leaving where others are to hold the shard.</summary>
    internal sealed record Replica(
        string Silo,
        ReplicaState State,
        bool Leaving,
        bool Alive,
        bool Serving,
        long Position,
        long Lag,
        long DiskBytes,
        string? Fault
    );
}
