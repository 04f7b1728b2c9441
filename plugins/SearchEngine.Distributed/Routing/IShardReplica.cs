using SearchEngine.Distributed.Log;

namespace SearchEngine.Distributed.Routing;

/// <summary>
/// A replica of a shard as the machine that holds it runs it: applies the log's entries one after the other, and answers calls. What applies
/// (a log's reader) calls <see cref="ApplyAsync"/> from one thread at a time; calls come from any number beside it.
/// </summary>
public interface IShardReplica : IAsyncDisposable
{
    /// <summary>
    /// The last entry that was applied, by position and id; the beginning before the first. Both are written with what the entry wrote: the
    /// id shows after a failover whether the log still is the one that was applied.
    /// </summary>
    LogCursor Cursor { get; }

    /// <summary>The position of the last entry that was applied; 0 before the first.</summary>
    long Position => Cursor.Position;

    /// <summary>
    /// Applies an entry, once: the position is part of the write, so that an entry that was applied before a crash is passed over after it.
    /// </summary>
    /// <remarks>
    /// What it comes to follows from the entries alone. So do the versions of records: a collection's own batch numbers are not the same on
    /// all replicas (they jump at every opening), the entries' positions are.
    /// </remarks>
    /// <param name="entry">
    /// The entry, with the bytes that the router wrote: the next one after <see cref="Cursor"/>, or one that was applied already.
    /// </param>
    /// <param name="cancellationToken">Ends the waiting; the entry may be applied all the same.</param>
    /// <returns>What it came to; of an entry so old that it is not known any more, null.</returns>
    /// <exception cref="ArgumentException">Entries are missing between.</exception>
    /// <exception cref="SearchDatabaseException">The disk refused: the replica stops here until it is opened again.</exception>
    Task<ShardOutcome?> ApplyAsync(LogEntry entry, CancellationToken cancellationToken = default);

    /// <summary>
    /// Answers a call, once it has applied <paramref name="minimumPosition"/>. A refusal is part of the reply; what is thrown is the
    /// transport's affair.
    /// </summary>
    Task<ReadOnlyMemory<byte>> CallAsync(
        string operation,
        long minimumPosition,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken = default
    );
}
