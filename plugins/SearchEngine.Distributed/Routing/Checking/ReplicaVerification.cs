namespace SearchEngine.Distributed.Routing.Checking;

/// <summary>One replica in the check of its shard. Immutable.</summary>
/// <param name="Replica">Its silo.</param>
/// <param name="Found">What it found; null where it did not answer.</param>
/// <param name="Failure">Why it did not answer; null where it did.</param>
public sealed record ReplicaVerification(string Replica, ReplicaCheck? Found, string? Failure);
