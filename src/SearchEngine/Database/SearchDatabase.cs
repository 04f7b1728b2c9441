namespace SearchEngine;

/// <summary>A database directory with its collections; one process owns it at a time. Thread-safe. Dispose it: that writes a last checkpoint and releases the files.</summary>
public sealed class SearchDatabase : IAsyncDisposable, IDisposable
{
    /// <summary>Opens (or makes) a database and recovers its collections as they are asked for.</summary>
    /// <exception cref="SearchDatabaseException">In use by another process, of a newer format, damaged, or the disk refuses.</exception>
    public static Task<SearchDatabase> OpenAsync(SearchDatabaseOptions options, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>The options it was opened with.</summary>
    public SearchDatabaseOptions Options { get; } = null!;

    /// <summary>Names of the collections, in ordinal order.</summary>
    public IReadOnlyList<string> ListCollections() => throw new NotSupportedException();

    /// <summary>Whether the collection exists.</summary>
    public bool CollectionExists(string name) => throw new NotSupportedException();

    /// <summary>Opens a collection (recovering it the first time).</summary>
    /// <exception cref="SearchDatabaseException">No such collection; another embedding model than the database's; damage.</exception>
    public Task<SearchCollection> GetCollectionAsync(string name, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>Makes a collection.</summary>
    /// <exception cref="SearchDatabaseException">It exists.</exception>
    /// <exception cref="ArgumentException">The schema is not valid; the message names the field.</exception>
    public Task<SearchCollection> CreateCollectionAsync(CollectionSchema schema, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>Opens the collection of the schema's name, making it if it does not exist; a stored schema must agree.</summary>
    /// <exception cref="SearchDatabaseException">The stored schema differs: the message names the field.</exception>
    public Task<SearchCollection> GetOrCreateCollectionAsync(CollectionSchema schema, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>Deletes a collection with all its files; false where there was none.</summary>
    public Task<bool> DeleteCollectionAsync(string name, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>Checkpoints every open collection.</summary>
    public Task CheckpointAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <inheritdoc />
    public ValueTask DisposeAsync() => throw new NotSupportedException();

    /// <inheritdoc />
    public void Dispose() => throw new NotSupportedException();
}
