using SearchEngine.Vectors;

namespace SearchEngine;

/// <summary>What a collection holds and takes.</summary>
/// <param name="Schema">Its schema.</param>
/// <param name="Count">Live records.</param>
/// <param name="DiskBytes">Bytes of its files.</param>
/// <param name="LogBytes">Bytes of write log that a recovery would replay.</param>
/// <param name="MemoryBytes">Bytes of memory for codes, graphs and store, about.</param>
/// <param name="LastCheckpoint">When the last checkpoint was written, UTC; null before the first.</param>
public sealed record CollectionInfo(
    CollectionSchema Schema,
    long Count,
    long DiskBytes,
    long LogBytes,
    long MemoryBytes,
    DateTimeOffset? LastCheckpoint
);
