namespace SearchEngine.Distributed.Routing;

/// <summary>What a replica holds and takes.</summary>
/// <param name="Position">The position of the log that it has applied.</param>
/// <param name="Count">Live records.</param>
/// <param name="DiskBytes">Bytes of its files.</param>
/// <param name="LogBytes">Bytes of its own write log that a recovery would replay.</param>
/// <param name="MemoryBytes">Bytes of memory for codes, graphs and store, about.</param>
/// <param name="LastCheckpoint">When its last checkpoint was written, UTC; null before the first.</param>
public sealed record ShardInfo(long Position, long Count, long DiskBytes, long LogBytes, long MemoryBytes, DateTimeOffset? LastCheckpoint);
