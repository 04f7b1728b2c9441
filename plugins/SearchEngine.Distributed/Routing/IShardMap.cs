namespace SearchEngine.Distributed.Routing;

/// <summary>Where the replicas of a collection's shards are. Thread-safe; asked anew for every call, so it answers from memory.</summary>
public interface IShardMap
{
    /// <summary>Shards of the collection: a number that never changes, since keys belong to them by it.</summary>
    int Shards { get; }

    /// <summary>The replicas that serve a shard now, the one to ask first in front; empty where there is none.</summary>
    IReadOnlyList<IShardTransport> ReplicasOf(int shard);
}
