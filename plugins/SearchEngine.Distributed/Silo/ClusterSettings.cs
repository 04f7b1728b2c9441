using SearchEngine.Distributed.Postgres;

namespace SearchEngine.Distributed.Silo;

/// <summary>What a program needs to be part of a cluster, or to use one. Immutable.</summary>
public sealed record ClusterSettings
{
    /// <summary>The cluster's PostgreSQL.</summary>
    public required PostgresOptions Postgres { get; init; }

    /// <summary>A folder that all silos reach, for snapshots; null keeps them in PostgreSQL.</summary>
    public string? SnapshotFolder { get; init; }

    /// <summary>Tells this cluster's silos from those of others.</summary>
    public string ClusterId { get; init; } = "searchengine";

    /// <summary>The cluster, for messages.</summary>
    public string DisplayName => $"cluster '{ClusterId}'";

    /// <summary>How often a silo looks whether another one is alive.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Probes in a row that must fail before a silo votes that another one is dead.</summary>
    public int ProbesMissed { get; init; } = 3;

    /// <summary>After how long a call to a silo that does not answer is given up.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
