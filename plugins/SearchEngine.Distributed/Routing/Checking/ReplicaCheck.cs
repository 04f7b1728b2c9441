namespace SearchEngine.Distributed.Routing.Checking;

/// <summary>What a replica found when it held its views against each other and took its content hash. Immutable.</summary>
/// <param name="Position">The position of the shard's log that it was at when it began.</param>
/// <param name="IsSteady">Whether it was there at the end too: else what was found is of several positions.</param>
/// <param name="Records">How many records it holds.</param>
/// <param name="Hash">Its content hash, as hexadecimal digits (<see cref="Replication.ContentHash"/>).</param>
/// <param name="Problems">What is wrong with it; none where it is sound.</param>
/// <param name="Checks">What was checked, with counts.</param>
public sealed record ReplicaCheck(
    long Position,
    bool IsSteady,
    long Records,
    string Hash,
    IReadOnlyList<string> Problems,
    IReadOnlyList<string> Checks
);
