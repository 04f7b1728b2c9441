namespace SearchEngine.Distributed.Log;

/// <summary>An entry to be appended. Its bytes are not to be changed before the append is through.</summary>
/// <param name="Shard">To which log.</param>
/// <param name="Id">The appender's own id for it: an append that is tried again under the same id happens once.</param>
/// <param name="Body">The bytes, at most <see cref="ISharedLog.MaxEntryBytes"/>.</param>
public sealed record LogAppend(LogShard Shard, Guid Id, ReadOnlyMemory<byte> Body);
