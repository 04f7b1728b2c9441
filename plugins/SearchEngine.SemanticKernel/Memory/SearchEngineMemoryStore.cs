using System.Runtime.CompilerServices;
using Microsoft.Extensions.VectorData;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.Memory;

namespace SearchEngine.SemanticKernel;

/// <summary>
/// Semantic Kernel's older memory interface over a SearchEngine database: persistent, searched by cosine similarity. A record's key is its
/// metadata's id. Thread-safe. Failures of the database are <see cref="VectorStoreException"/>s.
/// </summary>
public sealed class SearchEngineMemoryStore : IMemoryStore, IAsyncDisposable, IDisposable
{
    private readonly OperationRunner _runner;
    private readonly SearchEngineMemoryStoreOptions _options;
    private readonly SemaphoreSlim _schemaGate = new(1, 1);

    /// <summary>Makes a store on a database directory, shared with every other store on it in this process.</summary>
    public SearchEngineMemoryStore(string directory, SearchEngineMemoryStoreOptions? options = null)
        : this(new DatabaseLease(new SearchDatabaseOptions { Directory = directory, LoggerFactory = options?.LoggerFactory }), options) { }

    /// <summary>Makes a store on an open database, which stays the caller's.</summary>
    public SearchEngineMemoryStore(ISearchDatabase database, SearchEngineMemoryStoreOptions? options = null)
        : this(new DatabaseLease(database ?? throw new ArgumentNullException(nameof(database))), options) { }

    private SearchEngineMemoryStore(DatabaseLease lease, SearchEngineMemoryStoreOptions? options)
    {
        _options = options ?? new SearchEngineMemoryStoreOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(_options.VectorSize, nameof(options));
        ArgumentNullException.ThrowIfNull(_options.CollectionPrefix, nameof(options));
        _runner = new OperationRunner(lease, _options.LoggerFactory);
    }

    /// <inheritdoc />
    public Task CreateCollectionAsync(string collectionName, CancellationToken cancellationToken = default)
    {
        var name = NameOf(collectionName);
        return _runner.RunAsync(
            Operations.CreateCollection,
            name,
            async (ISearchDatabase database) =>
                await database.CollectionExistsAsync(name, cancellationToken).ConfigureAwait(false)
                    ? await database.GetCollectionAsync(name, cancellationToken).ConfigureAwait(false)
                    : await database
                        .GetOrCreateCollectionAsync(MemoryRecords.SchemaOf(name, _options.VectorSize), cancellationToken)
                        .ConfigureAwait(false),
            cancellationToken
        );
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<string> GetCollectionsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
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
        {
            if (name.StartsWith(_options.CollectionPrefix, StringComparison.Ordinal))
                yield return name[_options.CollectionPrefix.Length..];
        }
    }

    /// <inheritdoc />
    public Task<bool> DoesCollectionExistAsync(string collectionName, CancellationToken cancellationToken = default)
    {
        var name = NameOf(collectionName);
        return _runner.RunAsync(
            Operations.CollectionExists,
            name,
            (ISearchDatabase database) => database.CollectionExistsAsync(name, cancellationToken),
            cancellationToken
        );
    }

    /// <inheritdoc />
    public Task DeleteCollectionAsync(string collectionName, CancellationToken cancellationToken = default)
    {
        var name = NameOf(collectionName);
        return _runner.RunAsync(
            Operations.DeleteCollection,
            name,
            (ISearchDatabase database) => database.DeleteCollectionAsync(name, cancellationToken),
            cancellationToken
        );
    }

    /// <inheritdoc />
    /// <exception cref="KernelException">The collection does not exist, or the embedding has another length than those in it.</exception>
    public async Task<string> UpsertAsync(string collectionName, MemoryRecord record, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        return (await UpsertManyAsync(collectionName, [record], cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>Inserts or replaces records as one atomic batch.</summary>
    /// <inheritdoc cref="UpsertAsync" path="/exception" />
    public async IAsyncEnumerable<string> UpsertBatchAsync(
        string collectionName,
        IEnumerable<MemoryRecord> records,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(records);
        var list = records.ToList();
        if (list.Count == 0)
            yield break;
        foreach (var key in await UpsertManyAsync(collectionName, list, cancellationToken).ConfigureAwait(false))
            yield return key;
    }

    /// <inheritdoc />
    public async Task<MemoryRecord?> GetAsync(
        string collectionName,
        string key,
        bool withEmbedding = false,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return (await GetManyAsync(collectionName, [key], withEmbedding, cancellationToken).ConfigureAwait(false)) is [var document]
            ? MemoryRecords.ToRecord(document)
            : null;
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<MemoryRecord> GetBatchAsync(
        string collectionName,
        IEnumerable<string> keys,
        bool withEmbeddings = false,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(keys);
        foreach (var document in await GetManyAsync(collectionName, ToKeys(keys), withEmbeddings, cancellationToken).ConfigureAwait(false))
            yield return MemoryRecords.ToRecord(document);
    }

    /// <inheritdoc />
    public Task RemoveAsync(string collectionName, string key, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return RemoveBatchAsync(collectionName, [key], cancellationToken);
    }

    /// <inheritdoc />
    public Task RemoveBatchAsync(string collectionName, IEnumerable<string> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return WithExistingAsync(
            Operations.Delete,
            collectionName,
            async collection => (await collection.DeleteAsync(ToKeys(keys), cancellationToken).ConfigureAwait(false)).Deleted,
            0,
            cancellationToken
        );
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<(MemoryRecord, double)> GetNearestMatchesAsync(
        string collectionName,
        ReadOnlyMemory<float> embedding,
        int limit,
        double minRelevanceScore = 0.0,
        bool withEmbeddings = false,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        if (limit <= 0)
            yield break;
        var cosine = DistanceMapping.Find(DistanceFunction.CosineSimilarity);
        var hits = await WithExistingAsync<IReadOnlyList<SearchHit>>(
                Operations.Search,
                collectionName,
                collection =>
                {
                    // A collection that has no embedding yet has nothing to find.
                    if (collection.Schema.FindVector(MemoryRecords.VectorField) is not { } field)
                        return Task.FromResult<IReadOnlyList<SearchHit>>([]);
                    CheckLength(collectionName, embedding.Length, field.Dimension);
                    return collection.SearchAsync(
                        new SearchRequest
                        {
                            Mode = SearchMode.Vector,
                            Vector = embedding,
                            Top = limit,
                            MaximumDistance = cosine.ToMaximumDistance(minRelevanceScore),
                            IncludeVectors = withEmbeddings,
                        },
                        cancellationToken
                    );
                },
                [],
                cancellationToken
            )
            .ConfigureAwait(false);
        foreach (var hit in hits)
        {
            var relevance = cosine.ToScore(hit.Distance.GetValueOrDefault());
            if (relevance >= minRelevanceScore)
                yield return (MemoryRecords.ToRecord(hit.Document), relevance);
        }
    }

    /// <inheritdoc />
    public async Task<(MemoryRecord, double)?> GetNearestMatchAsync(
        string collectionName,
        ReadOnlyMemory<float> embedding,
        double minRelevanceScore = 0.0,
        bool withEmbedding = false,
        CancellationToken cancellationToken = default
    )
    {
        await foreach (
            var match in GetNearestMatchesAsync(collectionName, embedding, 1, minRelevanceScore, withEmbedding, cancellationToken)
                .ConfigureAwait(false)
        )
        {
            return match;
        }
        return null;
    }

    /// <summary>Gives the database back; where this was the last store on it, a checkpoint is written and the files are released.</summary>
    public ValueTask DisposeAsync() => _runner.Lease.DisposeAsync();

    /// <inheritdoc cref="DisposeAsync" />
    public void Dispose() => Task.Run(() => _runner.Lease.DisposeAsync().AsTask()).GetAwaiter().GetResult();

    private static List<RecordKey> ToKeys(IEnumerable<string> keys) => [.. keys.Select(RecordKey.From)];

    private static void CheckLength(string collection, int length, int dimension)
    {
        if (length != dimension)
        {
            throw new KernelException(
                $"The embedding has {length} components; those of memory collection '{collection}' have {dimension}. Use the model that filled it, or another collection."
            );
        }
    }

    private string NameOf(string collectionName)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(collectionName);
        return _options.CollectionPrefix + collectionName;
    }

    private Task<IReadOnlyList<string>> UpsertManyAsync(
        string collectionName,
        IReadOnlyList<MemoryRecord> records,
        CancellationToken cancellationToken
    )
    {
        var name = NameOf(collectionName);
        return _runner.RunAsync<IReadOnlyList<string>>(
            Operations.Upsert,
            name,
            async (ISearchDatabase database) =>
            {
                if (!await database.CollectionExistsAsync(name, cancellationToken).ConfigureAwait(false))
                    throw new KernelException($"Memory collection '{collectionName}' does not exist. Create it first.");
                var collection = await database.GetCollectionAsync(name, cancellationToken).ConfigureAwait(false);
                if (records.FirstOrDefault(r => r.Embedding.Length > 0) is { } sample)
                {
                    collection = await WithVectorsAsync(database, collection, collectionName, sample.Embedding.Length, cancellationToken)
                        .ConfigureAwait(false);
                }
                foreach (var record in records)
                {
                    if (record.Embedding.Length > 0)
                    {
                        CheckLength(
                            collectionName,
                            record.Embedding.Length,
                            collection.Schema.FindVector(MemoryRecords.VectorField)!.Dimension
                        );
                    }
                }

                var documents = records.Select(MemoryRecords.ToDocument).ToList();
                await collection.UpsertAsync(documents, cancellationToken).ConfigureAwait(false);
                foreach (var record in records)
                    record.Key = record.Metadata.Id;
                return [.. records.Select(r => r.Metadata.Id)];
            },
            cancellationToken
        );
    }

    /// <summary>
    /// The collection with a vector field. The interface creates collections before it knows the embeddings' length, so an empty one is
    /// made
    /// anew when the first embedding comes.
    /// </summary>
    private async Task<ISearchCollection> WithVectorsAsync(
        ISearchDatabase database,
        ISearchCollection collection,
        string collectionName,
        int length,
        CancellationToken cancellationToken
    )
    {
        if (collection.Schema.FindVector(MemoryRecords.VectorField) is not null)
            return collection;
        await _schemaGate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            collection = await database.GetCollectionAsync(collection.Name, cancellationToken).ConfigureAwait(false);
            if (collection.Schema.FindVector(MemoryRecords.VectorField) is not null)
                return collection;
            if (await collection.CountAsync(null, cancellationToken).ConfigureAwait(false) > 0)
            {
                throw new KernelException(
                    $"Memory collection '{collectionName}' was filled with records that have no embedding and cannot take one that has. Use another collection, or set {nameof(SearchEngineMemoryStoreOptions.VectorSize)} before the collection is created."
                );
            }

            var name = collection.Name;
            await database.DeleteCollectionAsync(name, cancellationToken).ConfigureAwait(false);
            return await database.CreateCollectionAsync(MemoryRecords.SchemaOf(name, length), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _schemaGate.Release();
        }
    }

    private Task<IReadOnlyList<Document>> GetManyAsync(
        string collectionName,
        IReadOnlyCollection<string> keys,
        bool withEmbeddings,
        CancellationToken cancellationToken
    ) => GetManyAsync(collectionName, ToKeys(keys), withEmbeddings, cancellationToken);

    private Task<IReadOnlyList<Document>> GetManyAsync(
        string collectionName,
        List<RecordKey> keys,
        bool withEmbeddings,
        CancellationToken cancellationToken
    ) =>
        WithExistingAsync(
            Operations.Get,
            collectionName,
            collection => collection.GetAsync(keys, withEmbeddings, cancellationToken),
            [],
            cancellationToken
        );

    /// <summary>
    /// Reading from (or removing from) a collection that does not exist finds nothing, as the interface's other stores have it.
    /// </summary>
    private Task<T> WithExistingAsync<T>(
        string operation,
        string collectionName,
        Func<ISearchCollection, Task<T>> body,
        T missing,
        CancellationToken cancellationToken
    )
    {
        var name = NameOf(collectionName);
        return _runner.RunAsync(
            operation,
            name,
            async (ISearchDatabase database) =>
                await database.CollectionExistsAsync(name, cancellationToken).ConfigureAwait(false)
                    ? await body(await database.GetCollectionAsync(name, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false)
                    : missing,
            cancellationToken
        );
    }
}
