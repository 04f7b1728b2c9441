namespace SearchEngine.Distributed.Replication;

/// <summary>How a machine holds replicas. Immutable.</summary>
public sealed record ReplicaOptions
{
    /// <summary>Where the replicas lie, one folder each.</summary>
    public required string Directory { get; init; }

    /// <summary>
    /// How their databases are opened; its directory is passed over. Replicas need not force every write to the disk: the shared log has it,
    /// and a replica that lost its last writes reads them again.
    /// </summary>
    public SearchDatabaseOptions Database { get; init; } =
        new()
        {
            Directory = ".",
            Durability = DatabaseDurability.Interval,
            MemoryBytes = 64L << 20,
        };

    /// <summary>How often the heads of all shards are looked at; who waits for a position does not wait for this.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Entries of a shard's log after which it is due for a snapshot: a new replica reads at most about this many.</summary>
    public long SnapshotEntries { get; init; } = 20_000;

    /// <summary>Snapshots of a shard that are kept; the log is trimmed below the oldest of them.</summary>
    public int SnapshotsKept { get; init; } = 2;

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Directory);
        if (PollInterval <= TimeSpan.Zero)
            throw new ArgumentException($"PollInterval is {PollInterval}: it must be above zero.");
        if (SnapshotEntries < 1)
            throw new ArgumentException($"SnapshotEntries is {SnapshotEntries}: it must be at least 1.");
        if (SnapshotsKept < 1)
            throw new ArgumentException($"SnapshotsKept is {SnapshotsKept}: it must be at least 1.");
    }
}
