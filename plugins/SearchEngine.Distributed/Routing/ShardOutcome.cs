namespace SearchEngine.Distributed.Routing;

/// <summary>
/// What an entry of a shard's log came to. Every replica decides the same, since it applies the same entries in the same order; it is kept
/// with what the entry wrote, so that a replica that was restarted knows it still.
/// </summary>
/// <param name="Position">The entry's position.</param>
/// <param name="Inserted">Records that were not there before.</param>
/// <param name="Updated">Records replaced or patched.</param>
/// <param name="Deleted">Records deleted.</param>
/// <param name="NotFound">Patches whose record was not there.</param>
/// <param name="Version">The version of the records that it wrote; that of no record where it wrote none.</param>
/// <param name="Refusal">Why nothing of it was applied; null where it was.</param>
public sealed record ShardOutcome(
    long Position,
    int Inserted,
    int Updated,
    int Deleted,
    int NotFound,
    RecordVersion Version,
    ShardRefusal? Refusal = null
);
