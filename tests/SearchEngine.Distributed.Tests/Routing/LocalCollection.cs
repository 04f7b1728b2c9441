using SearchEngine.TestSupport;

namespace SearchEngine.Distributed.Tests.Routing;

/// <summary>One collection of this process, to compare with.</summary>
internal sealed class LocalCollection : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory;
    private readonly SearchDatabase _database;

    private LocalCollection(TemporaryDirectory directory, SearchDatabase database, SearchCollection collection) =>
        (_directory, _database, Collection) = (directory, database, collection);

    public SearchCollection Collection { get; }

    public static async Task<LocalCollection> CreateAsync(CollectionSchema schema, EmbedderOptions embedder)
    {
        var directory = new TemporaryDirectory();
        var database = await SearchDatabase.OpenAsync(Options(directory) with { Embedder = embedder });
        return new LocalCollection(directory, database, await database.CreateCollectionAsync(schema));
    }

    /// <summary>A small database that leaves its durability to the log, or to nobody.</summary>
    public static SearchDatabaseOptions Options(TemporaryDirectory directory) =>
        new()
        {
            Directory = directory.FullPath,
            Durability = DatabaseDurability.None,
            MemoryBytes = 16 << 20,
            CheckpointInterval = TimeSpan.Zero,
        };

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _directory.Dispose();
    }
}
