using SearchEngine.Lexical.Indexing;
using SearchEngine.Storage;

namespace SearchEngine;

/// <summary>
/// What lies below a database's options: the disk under everything stored, and sizes that follow from the options where nothing is said.
/// </summary>
internal sealed record StorageSettings
{
    /// <summary>The system's files, and the sizes that follow from the options.</summary>
    public static StorageSettings Default { get; } = new();

    /// <summary>The disk below the write log, the record stores (FASTER's device), the manifest, the schema and the folders.</summary>
    public StorageDisk Files { get; init; } = StorageDisk.Real;

    /// <summary>Put around Lucene's directory; null for none.</summary>
    public DirectoryWrapper? Lexical { get; init; }

    /// <summary>Bytes of each store's hash index; null for a quarter of its memory.</summary>
    public long? HashIndexBytes { get; init; }

    /// <summary>Log growth after which a checkpoint takes an image of the hash index; null for <see cref="RecordStoreOptions"/>' own.</summary>
    public long? IndexImageBytes { get; init; }

    /// <summary>Vectors from which on an index has an image; null for <c>VectorImages</c>' own.</summary>
    public int? ImagesFrom { get; init; }

    /// <summary>Changed nodes that an image is not written anew for; null for <c>VectorImages</c>' own.</summary>
    public int? ImageChanges { get; init; }

    /// <summary>Memory of each store; null for what the options say.</summary>
    public long? StoreBytes { get; init; }
}
