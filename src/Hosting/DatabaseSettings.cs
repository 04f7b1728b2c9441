namespace SearchEngine.Hosting;

internal sealed record DatabaseSettings
{
    public DatabaseDurability Durability { get; init; } = DatabaseDurability.EveryWrite;

    public int DurabilityMilliseconds { get; init; } = 100;

    public long MemoryBytes { get; init; } = SearchDatabaseOptions.DefaultMemoryBytes;

    public long CheckpointLogBytes { get; init; } = SearchDatabaseOptions.DefaultCheckpointLogBytes;

    public int CheckpointSeconds { get; init; } = 300;

    public int IndexThreads { get; init; }

    /// <summary>
    /// A file of words that stand for each other in keyword searches; see <see cref="SearchDatabaseOptions.SynonymsFile"/>.
    /// </summary>
    public string? SynonymsFile { get; init; }

    /// <summary>Whether the database, or a snapshot's folder, is only read.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>The cluster that takes the database's place; null, or one without a connection, for the database of this machine.</summary>
    public ClusterSection Cluster { get; init; } = new();

    /// <summary>The cluster, for what cannot do without one.</summary>
    /// <exception cref="HostException">None is named.</exception>
    public ClusterSection RequireCluster() =>
        Cluster.IsUsed
            ? Cluster
            : throw new HostException(
                "No cluster is known: give Database:Cluster:Connection in appsettings.json, or SEARCHENGINE_DATABASE__CLUSTER__CONNECTION."
            );

    public SearchDatabaseOptions ToOptions(string directory) =>
        new()
        {
            Directory = directory,
            Durability = Durability,
            DurabilityInterval = TimeSpan.FromMilliseconds(DurabilityMilliseconds),
            MemoryBytes = MemoryBytes,
            CheckpointLogBytes = CheckpointLogBytes,
            CheckpointInterval = TimeSpan.FromSeconds(CheckpointSeconds),
            IndexThreads = IndexThreads,
            ReadOnly = ReadOnly,
            SynonymsFile = string.IsNullOrWhiteSpace(SynonymsFile) ? null : Path.GetFullPath(SynonymsFile),
        };
}
