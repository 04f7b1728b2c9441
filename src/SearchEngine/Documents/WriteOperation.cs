namespace SearchEngine;

/// <summary>
/// What an operation does. The first three are part of the write log's format; patches and merges are logged as the upserts that came of
/// them.
/// </summary>
internal enum WriteOperationKind : byte
{
    Upsert = 1,
    Delete = 2,
    SetMetadata = 3,
    Patch = 4,
    Merge = 5,
}

/// <summary>An operation as the user gave it.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Key">The record (not for metadata).</param>
/// <param name="Document">The record, or what to change in it.</param>
/// <param name="Expected">The version that the record must have; null for any.</param>
/// <param name="MetadataName">The name (metadata).</param>
/// <param name="MetadataValue">The value; null removes it (metadata).</param>
internal readonly record struct WriteOperation(
    WriteOperationKind Kind,
    RecordKey Key,
    Document? Document,
    RecordVersion? Expected = null,
    string? MetadataName = null,
    string? MetadataValue = null
);
