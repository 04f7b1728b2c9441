namespace SearchEngine;

/// <summary>
/// A database as hosts, pipelines and connectors use it: collections by name. In this process (<see cref="SearchDatabase"/>) or anywhere
/// else; what belongs to files of this machine (snapshots, repairs, compaction) is not part of it. Thread-safe.
/// </summary>
public interface ISearchDatabase : IAsyncDisposable
{
    /// <summary>Where it is, for messages: a directory, or a cluster's name.</summary>
    string Location { get; }

    /// <summary>The embedding model; null where callers bring vectors.</summary>
    EmbedderOptions? Embedder { get; }

    /// <summary>Names of the collections, in ordinal order.</summary>
    Task<IReadOnlyList<string>> ListCollectionsAsync(CancellationToken cancellationToken = default);

    /// <summary>Whether the collection exists.</summary>
    Task<bool> CollectionExistsAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Opens a collection.</summary>
    /// <exception cref="SearchDatabaseException">No such collection, or it cannot be opened.</exception>
    Task<ISearchCollection> GetCollectionAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Makes a collection.</summary>
    /// <exception cref="SearchDatabaseException">It exists.</exception>
    /// <exception cref="ArgumentException">The schema is not valid; the message names the field.</exception>
    Task<ISearchCollection> CreateCollectionAsync(CollectionSchema schema, CancellationToken cancellationToken = default);

    /// <summary>Opens the collection of the schema's name, making it if it does not exist; a stored schema must agree.</summary>
    /// <exception cref="SearchDatabaseException">The stored schema differs, or it was embedded by another model.</exception>
    Task<ISearchCollection> GetOrCreateCollectionAsync(CollectionSchema schema, CancellationToken cancellationToken = default);

    /// <summary>Deletes a collection; false where there was none.</summary>
    Task<bool> DeleteCollectionAsync(string name, CancellationToken cancellationToken = default);
}
