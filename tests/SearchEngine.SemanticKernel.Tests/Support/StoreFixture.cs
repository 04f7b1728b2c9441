using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Xunit;

namespace SearchEngine.SemanticKernel.Tests;

/// <summary>
/// One database for the tests of a class, without fsync; each test takes collections of its own. A cluster takes its place where
/// <see cref="ClusterStore.Variable"/> is set.
/// </summary>
public sealed class StoreFixture : IAsyncLifetime
{
    private readonly TempDirectory _directory = new();
    private ClusterStore? _cluster;
    private int _next;

    public SearchEngineVectorStore Store { get; private set; } = null!;

    public string Directory => _directory.Sub("db");

    public SearchDatabaseOptions DatabaseOptions =>
        new()
        {
            Directory = Directory,
            Durability = DatabaseDurability.None,
            MemoryBytes = 16 << 20,
        };

    public async ValueTask InitializeAsync()
    {
        _cluster = await ClusterStore.OpenIfAskedAsync();
        Store = NewStore();
    }

    /// <summary>The database under the stores.</summary>
    public async Task<ISearchDatabase> GetDatabaseAsync() => _cluster is null ? await Store.GetDatabaseAsync() : _cluster.Database;

    /// <summary>The stored schema of a collection.</summary>
    public async Task<CollectionSchema> SchemaOfAsync(string name) => (await (await GetDatabaseAsync()).GetCollectionAsync(name)).Schema;

    public string NewName() => $"collection{Interlocked.Increment(ref _next)}";

    /// <summary>Another store on the same database.</summary>
    public SearchEngineVectorStore NewStore(IEmbeddingGenerator? generator = null, IEmbeddingGenerator? queryGenerator = null) =>
        NewStore(new SearchEngineVectorStoreOptions { EmbeddingGenerator = generator, QueryEmbeddingGenerator = queryGenerator });

    private SearchEngineVectorStore NewStore(SearchEngineVectorStoreOptions options) =>
        _cluster is null ? new(DatabaseOptions, options) : new(_cluster.Database, options);

    public async Task<SearchEngineCollection<TKey, TRecord>> CreateAsync<TKey, TRecord>(params IEnumerable<TRecord> records)
        where TKey : notnull
        where TRecord : class => await CreateDefinedAsync<TKey, TRecord>(null, records);

    public async Task<SearchEngineCollection<TKey, TRecord>> CreateDefinedAsync<TKey, TRecord>(
        VectorStoreCollectionDefinition? definition,
        IEnumerable<TRecord> records
    )
        where TKey : notnull
        where TRecord : class
    {
        var collection = Store.GetCollection<TKey, TRecord>(NewName(), definition);
        await collection.EnsureCollectionExistsAsync();
        await collection.UpsertAsync(records);
        return collection;
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        if (_cluster is not null)
            await _cluster.DisposeAsync();
        _directory.Dispose();
    }
}
