namespace SearchEngine;

/// <summary>When a write is acknowledged.</summary>
public enum DatabaseDurability
{
    /// <summary>
    /// When its log entry is on disk (one fsync for all writes that wait): an acknowledged write survives a crash of process or machine.
    /// </summary>
    EveryWrite,

    /// <summary>
    /// At once; the log goes to disk every <see cref="SearchDatabaseOptions.DurabilityInterval"/>: a crash loses at most that much.
    /// </summary>
    Interval,

    /// <summary>
    /// At once; the log goes to disk when the system or a checkpoint does it: a crash loses what came after the last checkpoint.
    /// </summary>
    None,
}
