namespace SearchEngine.Distributed.Log;

/// <summary>One shard of one shared collection: what has a log of its own. A value.</summary>
/// <param name="Collection">The collection's <see cref="SharedCollection.Id"/>: a name that was dropped and made again is another collection.</param>
/// <param name="Shard">The shard, from 0.</param>
public readonly record struct LogShard(Guid Collection, int Shard)
{
    /// <inheritdoc />
    public override string ToString() => $"{Collection:N}/{Shard}";
}
