using System.Runtime.CompilerServices;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace SearchEngine.SemanticKernel;

/// <summary>
/// A vector store over a SearchEngine database: embedded, persistent, with hybrid search. The database is opened at the first operation.
/// Stores on the same directory in one process share one database; the last one disposed writes a checkpoint and releases the files.
/// Thread-safe. Failures of the database are <see cref="VectorStoreException"/>s.
/// </summary>
public sealed class SearchEngineVectorStore : VectorStore, IAsyncDisposable
{
    private readonly OperationRunner _runner;
    private readonly SearchEngineVectorStoreOptions _options;
    private readonly VectorStoreMetadata _metadata;

    /// <summary>Makes a store on a database directory, which is made if it does not exist.</summary>
    /// <exception cref="ArgumentException">The directory is null or blank.</exception>
    public SearchEngineVectorStore(string directory, SearchEngineVectorStoreOptions? options = null)
        : this(new DatabaseLease(ToDatabaseOptions(directory, options)), options) { }

    /// <summary>
    /// Makes a store on a database that is opened with the options. Where another store has the directory open, its options hold.
    /// </summary>
    public SearchEngineVectorStore(SearchDatabaseOptions databaseOptions, SearchEngineVectorStoreOptions? options = null)
        : this(new DatabaseLease(databaseOptions ?? throw new ArgumentNullException(nameof(databaseOptions))), options) { }

    /// <summary>Makes a store on an open database that stays the caller's: the store does not dispose it.</summary>
    public SearchEngineVectorStore(ISearchDatabase database, SearchEngineVectorStoreOptions? options = null)
        : this(new DatabaseLease(database ?? throw new ArgumentNullException(nameof(database))), options) { }

    private SearchEngineVectorStore(DatabaseLease lease, SearchEngineVectorStoreOptions? options)
    {
        _options = new SearchEngineVectorStoreOptions(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.UpsertBatchSize, 1, nameof(options));
        _runner = new OperationRunner(lease, _options.LoggerFactory);
        _metadata = new VectorStoreMetadata { VectorStoreSystemName = SearchEngineTelemetry.SystemName, VectorStoreName = lease.Name };
    }

    /// <inheritdoc />
    /// <exception cref="NotSupportedException">The model has a key, data or vector type, an index kind or a distance function that is not
    /// supported.</exception>
    /// <exception cref="InvalidOperationException">The model does not fit the record type.</exception>
    public override SearchEngineCollection<TKey, TRecord> GetCollection<TKey, TRecord>(
        string name,
        VectorStoreCollectionDefinition? definition = null
    ) =>
        typeof(TRecord) == typeof(Dictionary<string, object?>)
            ? throw new ArgumentException(VectorDataStrings.GetCollectionWithDictionaryNotSupported)
            : new SearchEngineCollection<TKey, TRecord>(
                _runner,
                name,
                new SearchEngineCollectionOptions(_options) { Definition = definition }
            );

    /// <inheritdoc />
    public override SearchEngineDynamicCollection GetDynamicCollection(string name, VectorStoreCollectionDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return new SearchEngineDynamicCollection(_runner, name, new SearchEngineCollectionOptions(_options) { Definition = definition });
    }

    /// <inheritdoc />
    public override async IAsyncEnumerable<string> ListCollectionNamesAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        var names = await _runner
            .RunAsync(
                Operations.ListCollections,
                null,
                (ISearchDatabase database) => database.ListCollectionsAsync(cancellationToken),
                cancellationToken
            )
            .ConfigureAwait(false);
        foreach (var name in names)
            yield return name;
    }

    /// <inheritdoc />
    public override Task<bool> CollectionExistsAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return _runner.RunAsync(
            Operations.CollectionExists,
            name,
            (ISearchDatabase database) => database.CollectionExistsAsync(name, cancellationToken),
            cancellationToken
        );
    }

    /// <inheritdoc />
    public override Task EnsureCollectionDeletedAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return _runner.RunAsync(
            Operations.DeleteCollection,
            name,
            (ISearchDatabase database) => database.DeleteCollectionAsync(name, cancellationToken),
            cancellationToken
        );
    }

    /// <summary>
    /// The database under the store, opened if need be, for what the abstraction has no words for. It stays the store's: do not dispose it.
    /// </summary>
    public async Task<SearchDatabase> GetDatabaseAsync(CancellationToken cancellationToken = default) =>
        await _runner
            .RunAsync(
                Operations.Open,
                null,
                (ISearchDatabase database) => Task.FromResult(database.RequireLocal("The SearchDatabase")),
                cancellationToken
            )
            .ConfigureAwait(false);

    /// <inheritdoc />
    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null)
            return null;
        if (serviceType == typeof(VectorStoreMetadata))
            return _metadata;
        if (serviceType == typeof(SearchDatabase) || serviceType == typeof(ISearchDatabase))
            return serviceType.IsInstanceOfType(_runner.Lease.Current) ? _runner.Lease.Current : null;
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Gives the database back; where this was the last store on it, a checkpoint is written and the files are released.</summary>
    public async ValueTask DisposeAsync()
    {
        await _runner.Lease.DisposeAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        // On a pool thread, so that a caller's synchronization context cannot deadlock with it.
        if (disposing)
            Task.Run(() => _runner.Lease.DisposeAsync().AsTask()).GetAwaiter().GetResult();
        base.Dispose(disposing);
    }

    internal static SearchDatabaseOptions ToDatabaseOptions(string directory, SearchEngineVectorStoreOptions? options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        return new SearchDatabaseOptions { Directory = directory, LoggerFactory = options?.LoggerFactory };
    }
}
