namespace SearchEngine.Distributed.Placement;

/// <summary>What a replica is at.</summary>
public enum ReplicaState
{
    /// <summary>It answers, and applies what comes.</summary>
    Serving,

    /// <summary>It is being opened, or has not been as far as its log yet: it does not answer.</summary>
    CatchingUp,

    /// <summary>Something keeps it from going on; it is tried again and again.</summary>
    Faulted,

    /// <summary>Its silo said nothing for a while.</summary>
    Silent,
}
