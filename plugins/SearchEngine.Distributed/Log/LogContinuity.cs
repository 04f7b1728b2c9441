namespace SearchEngine.Distributed.Log;

/// <summary>Holds what was read against the cursor that it was read behind: nothing may be missing, and nothing be another's.</summary>
internal static class LogContinuity
{
    /// <param name="shard">Whose log.</param>
    /// <param name="after">The last entry that the reader had taken.</param>
    /// <param name="bounds">What there is, read after the entries.</param>
    /// <param name="standing">The id that stands at the cursor's position now; null where the entry is gone or never was.</param>
    /// <param name="entries">What was read.</param>
    /// <exception cref="SharedLogException">Entries were trimmed, or the log is another one.</exception>
    public static void Check(LogShard shard, LogCursor after, LogBounds bounds, Guid? standing, IReadOnlyList<LogEntry> entries)
    {
        if (bounds.Head < after.Position)
        {
            throw new SharedLogException(
                SharedLogError.Forked,
                $"The log of shard {shard} ends at {bounds.Head}, before position {after.Position} that was read of it: it was set back. Replicas begin anew."
            );
        }
        if (bounds.Trimmed > after.Position)
        {
            throw new SharedLogException(
                SharedLogError.Trimmed,
                $"The log of shard {shard} begins behind {bounds.Trimmed}; the entries behind {after.Position} are gone. Begin with a snapshot."
            );
        }
        if (after.Position > 0 && standing != after.Id)
        {
            throw new SharedLogException(
                SharedLogError.Forked,
                $"Another entry stands at position {after.Position} of the log of shard {shard} than was read there: it was set back. Replicas begin anew."
            );
        }
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i].Position != after.Position + 1 + i)
            {
                throw new SharedLogException(
                    SharedLogError.Refused,
                    $"The log of shard {shard} has entry {entries[i].Position} where {after.Position + 1 + i} was due: its table was changed by other hands. Restore PostgreSQL's backup."
                );
            }
        }
    }
}
