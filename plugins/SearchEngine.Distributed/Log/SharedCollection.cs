namespace SearchEngine.Distributed.Log;

/// <summary>A collection as the whole cluster knows it. Immutable; its shards never change in number.</summary>
/// <param name="Id">Tells it from an earlier or later collection of the same name.</param>
/// <param name="Schema">Its schema, with its name.</param>
/// <param name="Shards">How many shards its keys are spread over, at least 1.</param>
public sealed record SharedCollection(Guid Id, CollectionSchema Schema, int Shards)
{
    /// <summary>The collection's name.</summary>
    public string Name => Schema.Name;

    /// <summary>The log of one of its shards.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such shard.</exception>
    public LogShard LogOf(int shard)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(shard);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(shard, Shards);
        return new LogShard(Id, shard);
    }
}
