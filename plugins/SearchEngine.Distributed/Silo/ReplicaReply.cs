namespace SearchEngine.Distributed.Silo;

/// <summary>A replica's answer on its way through Orleans. Immutable.</summary>
/// <param name="Body">The answer; null where it cannot be asked.</param>
/// <param name="Unreachable">Why it cannot be asked; null where it answered.</param>
[GenerateSerializer, Immutable, Alias("SearchEngine.ReplicaReply")]
public sealed record ReplicaReply([property: Id(0)] byte[]? Body, [property: Id(1)] string? Unreachable);
