using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Xunit;

namespace SearchEngine.SemanticKernel.Tests;

/// <summary>One database for the tests of a class, without fsync; each test takes collections of its own.</summary>
public sealed class StoreFixture : IAsyncLifetime
{
    private readonly TempDirectory _directory = new();
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

    public ValueTask InitializeAsync()
    {
        Store = new SearchEngineVectorStore(DatabaseOptions);
        return default;
    }

    public string NewName() => $"collection{Interlocked.Increment(ref _next)}";

    /// <summary>Another store on the same database.</summary>
    public SearchEngineVectorStore NewStore(IEmbeddingGenerator? generator = null, IEmbeddingGenerator? queryGenerator = null) =>
        new(
            DatabaseOptions,
            new SearchEngineVectorStoreOptions { EmbeddingGenerator = generator, QueryEmbeddingGenerator = queryGenerator }
        );

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
        _directory.Dispose();
    }
}
