namespace SearchEngine;

/// <summary>What a write did.</summary>
/// <param name="Inserted">Records that were not there before.</param>
/// <param name="Updated">Records replaced or patched.</param>
/// <param name="Deleted">Records deleted.</param>
/// <param name="LogAddress">The write log's address behind it.</param>
public sealed record WriteResult(int Inserted, int Updated, int Deleted, long LogAddress)
{
    /// <summary>Patches whose record was not there.</summary>
    public int NotFound { get; init; }

    /// <summary>The version that the batch's records have now; <see cref="RecordVersion.None"/> where it changed none.</summary>
    public RecordVersion Version { get; init; }
}
