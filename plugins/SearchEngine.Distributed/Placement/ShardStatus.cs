using SearchEngine.Distributed.Log;

namespace SearchEngine.Distributed.Placement;

/// <summary>How a shard is. Immutable.</summary>
/// <param name="Collection">The collection.</param>
/// <param name="Shard">The shard.</param>
/// <param name="Log">What there is of its log.</param>
/// <param name="Targets">The silos that are to hold it, the one that is asked first in front.</param>
/// <param name="Replicas">Its replicas, by silo.</param>
public sealed record ShardStatus(
    string Collection,
    LogShard Shard,
    LogBounds Log,
    IReadOnlyList<string> Targets,
    IReadOnlyList<ReplicaStatus> Replicas
)
{
    /// <summary>The silos that are to hold it and have said nothing of it yet.</summary>
    public IReadOnlyList<string> Awaited => [.. Targets.Except(Replicas.Select(replica => replica.Silo))];

    /// <summary>Whether those that are to hold it serve it, and no other silo that is alive holds it.</summary>
    public bool IsSettled =>
        Targets.Count > 0
        && Targets.All(target => Replicas.Any(replica => replica.Silo == target && replica.IsServing && replica.IsAlive))
        && Replicas.All(replica => !replica.IsAlive || Targets.Contains(replica.Silo));
}
