namespace SearchEngine.Distributed.Placement;

/// <summary>How a cluster is. Immutable.</summary>
/// <param name="Epoch">The map's epoch.</param>
/// <param name="ReplicationFactor">Replicas that each shard is to have.</param>
/// <param name="Standbys">Synchronous standbys of PostgreSQL's primary; null where the user may not see it.</param>
/// <param name="ExpectedStandbys">How many there are to be, for a write to be on more than one server.</param>
/// <param name="Silos">The silos, by name.</param>
/// <param name="Shards">The shards, by collection and number.</param>
public sealed record ClusterStatus(
    long Epoch,
    int ReplicationFactor,
    int? Standbys,
    int ExpectedStandbys,
    IReadOnlyList<MemberStatus> Silos,
    IReadOnlyList<ShardStatus> Shards
)
{
    /// <summary>Whether every shard is served by the silos that are to hold it, and nobody holds what is another's.</summary>
    public bool IsSettled => Silos.Any(silo => silo.State == MemberState.Active) && Shards.All(shard => shard.IsSettled);
}
