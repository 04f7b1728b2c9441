using SearchEngine.Distributed.Postgres;
using SearchEngine.Distributed.Routing;
using SearchEngine.Distributed.Silo;

namespace SearchEngine.Hosting;

/// <summary>The section "Database:Cluster": with a connection, everything works over a cluster in place of a folder.</summary>
internal sealed record ClusterSection
{
    /// <summary>How the cluster's PostgreSQL is reached; empty for the database of this machine.</summary>
    public string Connection { get; init; } = string.Empty;

    /// <summary>Tells the cluster from others of the same PostgreSQL database.</summary>
    public string Name { get; init; } = "searchengine";

    /// <summary>A folder that all silos reach, for snapshots; empty keeps them in PostgreSQL.</summary>
    public string SnapshotFolder { get; init; } = string.Empty;

    /// <summary>Shards of a collection that is made.</summary>
    public int Shards { get; init; } = DistributedDatabaseOptions.DefaultShards;

    /// <summary>Which writes a read is sure to see.</summary>
    public ReadConsistency Consistency { get; init; } = ReadConsistency.Latest;

    /// <summary>What of a batch in several shards becomes durable together.</summary>
    public BatchAtomicity Atomicity { get; init; } = BatchAtomicity.AcrossShards;

    /// <summary>Seconds for which a call is tried on one replica after the other.</summary>
    public int TimeoutSeconds { get; init; } = 30;

    /// <summary>Minutes of silence after which the shards of a dead silo are made anew elsewhere; 0 for never. Read by silos.</summary>
    public int DrainDeadAfterMinutes { get; init; } = 15;

    /// <summary>Whether a cluster takes the place of the folder.</summary>
    public bool IsUsed => !string.IsNullOrWhiteSpace(Connection);

    /// <summary>The silence after which a silo is dead to the others; null for never.</summary>
    /// <exception cref="HostException">It is below 0.</exception>
    public TimeSpan? DrainDeadAfter =>
        DrainDeadAfterMinutes switch
        {
            0 => null,
            > 0 => TimeSpan.FromMinutes(DrainDeadAfterMinutes),
            _ => throw new HostException(
                $"Database:Cluster:DrainDeadAfterMinutes is 0 (never) or a number of minutes, not {DrainDeadAfterMinutes}."
            ),
        };

    /// <summary>The cluster, for messages.</summary>
    public string DisplayName => ToSettings().DisplayName;

    /// <summary>The cluster.</summary>
    public ClusterSettings ToSettings() =>
        new()
        {
            Postgres = new PostgresOptions { ConnectionString = Connection },
            ClusterId = Name,
            SnapshotFolder = string.IsNullOrWhiteSpace(SnapshotFolder) ? null : Path.GetFullPath(SnapshotFolder),
        };

    /// <summary>How it is used.</summary>
    public DistributedDatabaseOptions ToOptions(EmbedderOptions? embedder, IReranker? reranker = null) =>
        new()
        {
            Shards = Shards,
            Router = new RouterOptions
            {
                Embedder = embedder,
                Reranker = reranker,
                Consistency = Consistency,
                Atomicity = Atomicity,
                Timeout = TimeSpan.FromSeconds(TimeoutSeconds),
            },
        };
}
