namespace SearchEngine.Distributed.Routing;

/// <summary>What of a batch that lies in several shards becomes durable together.</summary>
public enum BatchAtomicity
{
    /// <summary>
    /// All of it, by one transaction of the shared log. Such a batch may not expect versions: each shard would decide for itself.
    /// </summary>
    AcrossShards,

    /// <summary>
    /// What lies in one shard: after an error the part of one shard may be there and that of another not. Nothing is waited for by others.
    /// </summary>
    PerShard,
}
