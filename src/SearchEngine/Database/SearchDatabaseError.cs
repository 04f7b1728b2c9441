namespace SearchEngine;

/// <summary>What went wrong, for programs that react to it.</summary>
public enum SearchDatabaseError
{
    /// <summary>The collection does not exist.</summary>
    CollectionNotFound,

    /// <summary>A collection of that name exists already.</summary>
    CollectionExists,

    /// <summary>The stored schema differs from the one asked for.</summary>
    SchemaMismatch,

    /// <summary>The collection's vectors were made by another embedding model.</summary>
    EmbeddingModelMismatch,

    /// <summary>An embedding is needed and the database has no generator.</summary>
    NoEmbeddingGenerator,

    /// <summary>Another process has the database open.</summary>
    InUse,

    /// <summary>Stored bytes are damaged.</summary>
    Corrupt,

    /// <summary>Files of a newer format version.</summary>
    UnsupportedFormat,

    /// <summary>The database was opened read-only.</summary>
    ReadOnly,

    /// <summary>The disk refused: full, no permission, an I/O error.</summary>
    Storage,

    /// <summary>
    /// A record does not have the version that a write expected; nothing of the batch was applied.
    /// <see cref="SearchDatabaseException.Key"/> names it.
    /// </summary>
    VersionConflict,

    /// <summary>A read was held open for so long that what it would have read was given up. Start it again.</summary>
    SnapshotTooOld,

    /// <summary>A shard of the collection has no replica that answers, or none that is far enough. Try again.</summary>
    ShardUnavailable,

    /// <summary>What was asked for belongs to a database of one machine, and this one is a cluster.</summary>
    OneMachineOnly,
}
