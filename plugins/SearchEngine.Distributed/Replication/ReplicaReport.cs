using SearchEngine.Distributed.Log;

namespace SearchEngine.Distributed.Replication;

/// <summary>What a machine says of a replica that it holds. Immutable.</summary>
/// <param name="Shard">Of which shard.</param>
/// <param name="Position">What it has applied.</param>
/// <param name="IsServing">Whether it answers: it has once been as far as the log was.</param>
/// <param name="DiskBytes">Bytes of its files, about.</param>
/// <param name="Fault">What keeps it from going on; null where nothing does.</param>
public sealed record ReplicaReport(LogShard Shard, long Position, bool IsServing, long DiskBytes, string? Fault);
