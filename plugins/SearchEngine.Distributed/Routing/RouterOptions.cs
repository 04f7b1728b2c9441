namespace SearchEngine.Distributed.Routing;

/// <summary>How a router works. Immutable.</summary>
public sealed record RouterOptions
{
    /// <summary>The embedding model: embeds queries, and documents once for all replicas; null where callers bring vectors.</summary>
    public EmbedderOptions? Embedder { get; init; }

    /// <summary>The reranker of searches that bring none; null for none.</summary>
    public IReranker? Reranker { get; init; }

    /// <summary>What of a batch in several shards becomes durable together.</summary>
    public BatchAtomicity Atomicity { get; init; } = BatchAtomicity.AcrossShards;

    /// <summary>Which writes reads are sure to see.</summary>
    public ReadConsistency Consistency { get; init; } = ReadConsistency.Latest;

    /// <summary>
    /// How long a call is tried on one replica after the other, and a write waits for one that has applied it. Long enough for a silo that
    /// died to be voted out and its shards to be served elsewhere.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one replica may take for a call before it is given up as if it were gone.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether a read is asked of a second replica when the first has not answered after the 95th percentile of its shard's last answers.
    /// </summary>
    public bool Hedges { get; init; } = true;

    internal void Validate()
    {
        if (Timeout <= TimeSpan.Zero || AttemptTimeout <= TimeSpan.Zero)
            throw new ArgumentException("RouterOptions.Timeout and AttemptTimeout must be more than nothing.");
    }
}
