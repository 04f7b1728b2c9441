using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace SearchEngine.SemanticKernel;

/// <summary>
/// A collection of records in a SearchEngine database, searched by vector, by keyword, or both. Thread-safe: many readers and writers; a
/// write
/// that returned is durable (as the database's options say) and seen by every search that starts afterwards. Failures of the database are
/// <see cref="VectorStoreException"/>s; wrong arguments and models are argument, invalid-operation and not-supported exceptions.
/// </summary>
/// <typeparam name="TKey">string, <see cref="Guid"/>, int or long; object for dynamic collections.</typeparam>
/// <typeparam name="TRecord">A class with a parameterless constructor.</typeparam>
public partial class SearchEngineCollection<TKey, TRecord>
    : VectorStoreCollection<TKey, TRecord>,
        IKeywordHybridSearchable<TRecord>,
        IAsyncDisposable
    where TKey : notnull
    where TRecord : class
{
    private readonly OperationRunner _runner;
    private readonly SearchEngineCollectionOptions _options;
    private readonly CollectionModel _model;
    private readonly SearchEngineMapper<TRecord> _mapper;
    private readonly EmbeddingResolver _embeddings;
    private readonly VectorStoreCollectionMetadata _metadata;
    private readonly bool _ownsLease;

    /// <summary>Makes a collection of the database in the directory, which is made if it does not exist.</summary>
    /// <exception cref="NotSupportedException">The model has a key, data or vector type, an index kind or a distance function that is not
    /// supported.</exception>
    /// <exception cref="InvalidOperationException">The model does not fit the record type.</exception>
    public SearchEngineCollection(string directory, string name, SearchEngineCollectionOptions? options = null)
        : this(new OperationRunner(new DatabaseLease(ToDatabaseOptions(directory, options)), options?.LoggerFactory), name, options) =>
        _ownsLease = true;

    /// <summary>Makes a collection of an open database, which stays the caller's.</summary>
    /// <inheritdoc cref="SearchEngineCollection{TKey, TRecord}(string, string, SearchEngineCollectionOptions)" path="/exception" />
    public SearchEngineCollection(ISearchDatabase database, string name, SearchEngineCollectionOptions? options = null)
        : this(
            new OperationRunner(new DatabaseLease(database ?? throw new ArgumentNullException(nameof(database))), options?.LoggerFactory),
            name,
            options
        ) { }

    internal SearchEngineCollection(OperationRunner runner, string name, SearchEngineCollectionOptions? options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (typeof(TRecord) == typeof(Dictionary<string, object?>) && this is not SearchEngineDynamicCollection)
        {
            throw new NotSupportedException(
                VectorDataStrings.NonDynamicCollectionWithDictionaryNotSupported(typeof(SearchEngineDynamicCollection))
            );
        }

        Name = name;
        _runner = runner;
        _options = new SearchEngineCollectionOptions(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.UpsertBatchSize, 1, nameof(options));
        _model = SearchEngineModelBuilder.BuildModel(typeof(TRecord), typeof(TKey), _options.Definition, _options.EmbeddingGenerator);
        _mapper = new SearchEngineMapper<TRecord>(_model);
        _embeddings = new EmbeddingResolver(_model, _options);
        _metadata = new VectorStoreCollectionMetadata
        {
            VectorStoreSystemName = SearchEngineTelemetry.SystemName,
            VectorStoreName = runner.Lease.Name,
            CollectionName = name,
        };
    }

    /// <inheritdoc />
    public override string Name { get; }

    /// <inheritdoc />
    public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default) =>
        _runner.RunAsync(
            Operations.CollectionExists,
            Name,
            (ISearchDatabase database) => database.CollectionExistsAsync(Name, cancellationToken),
            cancellationToken
        );

    /// <inheritdoc />
    /// <exception cref="VectorStoreException">The stored collection does not fit the model; the message names each difference.</exception>
    public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default) =>
        _runner.RunAsync(
            Operations.CreateCollection,
            Name,
            (ISearchDatabase database) => EnsureAsync(database, cancellationToken),
            cancellationToken
        );

    /// <inheritdoc />
    public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default) =>
        _runner.RunAsync(
            Operations.DeleteCollection,
            Name,
            (ISearchDatabase database) => database.DeleteCollectionAsync(Name, cancellationToken),
            cancellationToken
        );

    /// <summary>
    /// A service of the collection: its metadata, itself by any of its types, the open <see cref="SearchDatabase"/>; as
    /// <see cref="IKeywordHybridSearchable{TRecord}"/> only where the model has a full-text property, so that callers who ask before they
    /// search
    /// by keywords fall back to vector search where there is nothing to match keywords in.
    /// </summary>
    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null)
            return null;
        if (serviceType == typeof(VectorStoreCollectionMetadata))
            return _metadata;
        if (serviceType == typeof(SearchDatabase) || serviceType == typeof(ISearchDatabase))
            return serviceType.IsInstanceOfType(_runner.Lease.Current) ? _runner.Lease.Current : null;
        if (serviceType == typeof(IKeywordHybridSearchable<TRecord>))
            return _model.DataProperties.Any(p => p.IsFullTextIndexed) ? this : null;
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Gives the database back where this collection opened it; one that came from a store does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_ownsLease)
            await _runner.Lease.DisposeAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        // On a pool thread, so that a caller's synchronization context cannot deadlock with it.
        if (disposing && _ownsLease)
            Task.Run(() => _runner.Lease.DisposeAsync().AsTask()).GetAwaiter().GetResult();
        base.Dispose(disposing);
    }

    private static SearchDatabaseOptions ToDatabaseOptions(string directory, SearchEngineCollectionOptions? options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        return new SearchDatabaseOptions { Directory = directory, LoggerFactory = options?.LoggerFactory };
    }

    private async Task<ISearchCollection> EnsureAsync(ISearchDatabase database, CancellationToken cancellationToken)
    {
        if (!await database.CollectionExistsAsync(Name, cancellationToken).ConfigureAwait(false))
        {
            CheckDimensions();
            try
            {
                return await database
                    .CreateCollectionAsync(SchemaMapping.ToSchema(_model, Name, _options.Analyzer, _embeddings.Identity), cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (SearchDatabaseException e) when (e.Error == SearchDatabaseError.CollectionExists)
            {
                // Somebody else made it in between: it is checked like any other.
            }
        }

        var collection = await database.GetCollectionAsync(Name, cancellationToken).ConfigureAwait(false);
        var problems = SchemaMapping.Compare(_model, collection.Schema);
        if (problems.Count > 0)
        {
            throw new SearchDatabaseException(
                SearchDatabaseError.SchemaMismatch,
                $"Collection '{Name}' exists and does not fit the model: {string.Join("; ", problems)}. Change the model, or delete the collection and fill it again."
            )
            {
                Directory = _runner.Lease.Directory,
                Collection = Name,
            };
        }

        CheckEmbeddingModel(collection);
        return collection;
    }

    /// <summary>Refuses to make a collection that no vector of its generator would fit, where the generator says what it makes.</summary>
    private void CheckDimensions()
    {
        foreach (var property in _model.VectorProperties)
        {
            if (
                !SearchEngineMapper<TRecord>.NeedsEmbedding(property)
                || EmbeddingResolver.DimensionsOf(property.EmbeddingGenerator) is not { } made
                || made == property.Dimensions
            )
            {
                continue;
            }

            throw new SearchDatabaseException(
                SearchDatabaseError.EmbeddingModelMismatch,
                $"Vector property '{property.ModelName}' of collection '{Name}' has {property.Dimensions} dimensions; its embedding generator makes vectors of {made}. "
                    + $"Give the property {made} dimensions, [VectorStoreVector({made})]; no collection was made."
            )
            {
                Directory = _runner.Lease.Directory,
                Collection = Name,
            };
        }
    }

    /// <summary>Refuses to compare vectors of two embedding models.</summary>
    private void CheckEmbeddingModel(ISearchCollection collection)
    {
        if (_embeddings.Identity is not { } wanted || collection.Schema.EmbeddingModel is not { } stored || stored == wanted)
            return;
        throw new SearchDatabaseException(
            SearchDatabaseError.EmbeddingModelMismatch,
            $"The vectors of collection '{Name}' were made by '{stored}'; the generator given is '{wanted}'. Use the first, or delete the collection and embed its texts again."
        )
        {
            Directory = _runner.Lease.Directory,
            Collection = Name,
        };
    }
}
