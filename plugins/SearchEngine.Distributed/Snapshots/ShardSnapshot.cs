using SearchEngine.Distributed.Log;

namespace SearchEngine.Distributed.Snapshots;

/// <summary>A kept snapshot of a shard. Immutable.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Shard">Which shard.</param>
/// <param name="Cursor">What it holds of the shard's log at least: a replica that begins with it needs the entries behind.</param>
/// <param name="Bytes">Bytes of its files.</param>
/// <param name="Taken">When it was kept, UTC.</param>
public sealed record ShardSnapshot(Guid Id, LogShard Shard, LogCursor Cursor, long Bytes, DateTimeOffset Taken)
{
    /// <summary>The error of a store that has it no more.</summary>
    internal FileNotFoundException Gone() => new($"Snapshot {Id} of shard {Shard} is not kept any more.");
}
