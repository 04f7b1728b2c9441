using SearchEngine.Lexical.Indexing;
using SearchEngine.Storage;

namespace SearchEngine;

/// <summary>Where tests inject errors, torn writes and a full disk, and make files small enough to damage every byte of them.</summary>
internal sealed record StorageSeams
{
    /// <summary>The disk below the write log, the record stores (FASTER's device), the manifest, the schema and the folders.</summary>
    public StorageDisk? Files { get; init; }

    /// <summary>Put around Lucene's directory.</summary>
    public DirectoryWrapper? Lexical { get; init; }

    /// <summary>Bytes of the stores' hash indexes.</summary>
    public long? IndexBytes { get; init; }

    /// <summary>Log growth after which a checkpoint takes an image of the hash index; small stores take none by themselves.</summary>
    public long? IndexImageBytes { get; init; }

    /// <summary>Vectors from which on an index has an image.</summary>
    public int? ImagesFrom { get; init; }

    /// <summary>Memory of each store, below what a database's options allow.</summary>
    public long? StoreBytes { get; init; }
}
