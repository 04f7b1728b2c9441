namespace SearchEngine;

internal enum WriteOperationKind : byte
{
    Upsert = 1,
    Delete = 2,
    SetMetadata = 3,
}

internal readonly record struct WriteOperation(WriteOperationKind Kind, RecordKey Key, Document? Document, string? MetadataName, string? MetadataValue);
