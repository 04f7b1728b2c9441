namespace SearchEngine.Storage;

/// <summary>The size of a <see cref="RecordStore"/> at one moment.</summary>
/// <param name="Records">Keys in the index: live records, parts of long values, and deleted keys that compaction has not yet forgotten.
/// Keys whose hashes collide count once.</param>
/// <param name="MemoryBytes">Bytes of the log in memory and of the hash index.</param>
/// <param name="DiskBytes">Bytes of all files.</param>
/// <param name="LogBytes">Bytes of the record log from its begin to its end: live records, old versions and deleted ones.</param>
/// <param name="LiveBytesEstimate">An estimate of the bytes of the log that are live: exact after a compaction, then from a sample of the
/// log.</param>
public sealed record RecordStoreStatistics(long Records, long MemoryBytes, long DiskBytes, long LogBytes, long LiveBytesEstimate)
{
    /// <summary>Whether <see cref="RecordStore.Reclaim"/> is worth its while: two fifths of a log of notable size are dead.</summary>
    public bool CompactionAdvised => LogBytes > MinimumBytes && LogBytes > AdvisedFrom * LiveBytesEstimate;

    /// <summary>
    /// With what is copied before a checkpoint lets the old files go, and with the write log, disk use stays under 2.5 times the live data.
    /// </summary>
    private const double AdvisedFrom = 1.7;
    private const long MinimumBytes = 4L << 20;
}
