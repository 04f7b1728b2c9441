using Microsoft.Extensions.Logging;
using SearchEngine.Storage;

namespace SearchEngine;

/// <summary>How a database is opened. Immutable; checked when it is opened.</summary>
public sealed record SearchDatabaseOptions
{
    /// <summary>
    /// Memory of FASTER's logs per collection, where nothing else is said: small machines run several collections, large ones set more.
    /// </summary>
    public const long DefaultMemoryBytes = 256L << 20;

    /// <summary>Log bytes after which a checkpoint starts by itself: replaying them takes seconds.</summary>
    public const long DefaultCheckpointLogBytes = 64L << 20;

    /// <summary>The database's directory; made if it does not exist. With <see cref="ReadOnly"/> also a snapshot's folder.</summary>
    public required string Directory { get; init; }

    /// <summary>
    /// Whether the database is only read: nothing on the disk changes, not even a lock file, and every write is refused. For snapshots
    /// (a folder of <see cref="SearchCollection.CreateSnapshotAsync"/>, opened as a database of one collection) and for database
    /// directories that no process writes: any number of processes may read them at a time, from a read-only disk as well. What a log
    /// holds behind the last checkpoint is replayed in memory.
    /// </summary>
    public bool ReadOnly { get; init; }

    /// <summary>The embedding model, for collections whose texts the engine embeds; null where callers bring vectors.</summary>
    public EmbedderOptions? Embedder { get; init; }

    /// <summary>
    /// The reranker of searches that ask for one and bring none (<see cref="RerankOptions.Reranker"/>); null where there is none. It is the
    /// caller's: the database does not dispose it.
    /// </summary>
    public IReranker? Reranker { get; init; }

    /// <summary>
    /// A file of words that stand for each other in keyword searches, one rule a line: <c>car, automobile</c>, or
    /// <c>heart attack => myocardial infarction</c> for one direction; null for none. Read when a collection is opened; it must be there.
    /// </summary>
    public string? SynonymsFile { get; init; }

    /// <summary>When a write is acknowledged.</summary>
    public DatabaseDurability Durability { get; init; } = DatabaseDurability.EveryWrite;

    /// <summary>How often the log goes to disk under <see cref="DatabaseDurability.Interval"/>.</summary>
    public TimeSpan DurabilityInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Memory for the records and full-precision vectors of each collection, in bytes; the rest is read from disk when needed.
    /// </summary>
    public long MemoryBytes { get; init; } = DefaultMemoryBytes;

    /// <summary>Bytes of write log after which a checkpoint starts in the background; bounds the time of a recovery.</summary>
    public long CheckpointLogBytes { get; init; } = DefaultCheckpointLogBytes;

    /// <summary>
    /// Time after which a changed collection is checkpointed in the background; <see cref="TimeSpan.Zero"/> switches it off.
    /// </summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Threads that insert into vector indexes; 0 takes the processor count.</summary>
    public int IndexThreads { get; init; }

    /// <summary>Takes the engine's log messages; user text appears at Trace only.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>Why a collection of a database that was opened for writing is read-only; null where it is not.</summary>
    internal string? ReadOnlyReason { get; init; }

    /// <summary>The disk below, and sizes that follow from these options where nothing is said.</summary>
    internal StorageSettings Storage { get; init; } = StorageSettings.Default;

    /// <summary>The disk below logs, stores, manifests and folders.</summary>
    internal StorageDisk Files => Storage.Files;
}
