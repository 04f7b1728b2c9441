namespace SearchEngine.Distributed.Postgres;

/// <summary>How a cluster's PostgreSQL is reached. Immutable.</summary>
public sealed record PostgresOptions
{
    /// <summary>
    /// How Npgsql connects. Several hosts, comma-separated, are a primary and its standbys in any order; writes and reads go to whichever
    /// is the primary at the time. One database holds one cluster.
    /// </summary>
    public required string ConnectionString { get; init; }

    /// <summary>How long a call tries again while no server answers as the primary: longer than a failover takes.</summary>
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long an append's id is remembered at least, whatever is trimmed; more than <see cref="RetryFor"/>, so that no append that is tried
    /// again happens twice.
    /// </summary>
    public TimeSpan RetryWindow { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Synchronous standbys without which the cluster's status says that acknowledged writes are on one server alone. It is PostgreSQL's
    /// <c>synchronous_standby_names</c> that makes commits wait for them.
    /// </summary>
    public int ExpectedStandbys { get; init; } = 1;
}
