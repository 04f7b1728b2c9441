namespace SearchEngine.Distributed.Silo;

/// <summary>What a silo found when it held a replica's views against each other. Immutable.</summary>
/// <param name="Position">The position that the replica was at, before and after: what was found is of this position.</param>
/// <param name="Records">How many records it holds.</param>
/// <param name="Hash">Its content hash, as hexadecimal digits (<see cref="Replication.ContentHash"/>).</param>
/// <param name="Problems">What is wrong with it; none where it is sound.</param>
[GenerateSerializer, Immutable, Alias("SearchEngine.ReplicaCheck")]
public sealed record ReplicaCheck(
    [property: Id(0)] long Position,
    [property: Id(1)] long Records,
    [property: Id(2)] string Hash,
    [property: Id(3)] string[] Problems
);
