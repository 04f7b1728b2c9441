using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Search;

/// <summary>Tests over one collection, filled before each of them, in a database of its own that nothing outlives.</summary>
public abstract class CollectionTest : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private SearchDatabase _database = null!;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected SearchCollection Collection { get; private set; } = null!;

    protected abstract CollectionSchema Schema { get; }

    protected virtual EmbedderOptions? Embedder => null;

    public async ValueTask InitializeAsync()
    {
        _database = await SearchDatabase.OpenAsync(
            new SearchDatabaseOptions
            {
                Directory = _directory.FullPath,
                Durability = DatabaseDurability.None,
                Embedder = Embedder,
            }
        );
        Collection = await _database.CreateCollectionAsync(Schema);
        await FillAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    protected abstract Task FillAsync();
}
