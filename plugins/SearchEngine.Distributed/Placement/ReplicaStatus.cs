namespace SearchEngine.Distributed.Placement;

/// <summary>How a replica is. Immutable.</summary>
/// <param name="Silo">Its silo.</param>
/// <param name="IsAlive">Whether the silo said so a short while ago.</param>
/// <param name="IsServing">Whether it answers.</param>
/// <param name="Position">The position of the log that it has applied.</param>
/// <param name="Lag">Entries of the log that it has not applied.</param>
/// <param name="DiskBytes">Bytes of its files.</param>
/// <param name="Fault">What keeps it from going on; null where nothing does.</param>
public sealed record ReplicaStatus(string Silo, bool IsAlive, bool IsServing, long Position, long Lag, long DiskBytes, string? Fault)
{
    /// <summary>The same in one word.</summary>
    public ReplicaState State =>
        !IsAlive ? ReplicaState.Silent
        : Fault is not null ? ReplicaState.Faulted
        : IsServing ? ReplicaState.Serving
        : ReplicaState.CatchingUp;
}
