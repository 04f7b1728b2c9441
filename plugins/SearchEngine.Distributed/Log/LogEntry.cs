namespace SearchEngine.Distributed.Log;

/// <summary>An entry of a shard's log as it was read. Its bytes are the appender's; not to be changed.</summary>
/// <param name="Position">Its place, counted from 1 without a gap.</param>
/// <param name="Id">The id that it was appended under.</param>
/// <param name="Body">What was appended.</param>
public sealed record LogEntry(long Position, Guid Id, ReadOnlyMemory<byte> Body)
{
    /// <summary>Where a reader is that has taken this entry.</summary>
    public LogCursor Cursor => new(Position, Id);
}
