using SearchEngine.Sharding;
using SearchEngine.TestSupport;

namespace SearchEngine.Tests.Sharding;

/// <summary>The same records in one collection and spread over several: what is written goes to both.</summary>
internal sealed class ShardedCollections : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly SearchDatabase _database;
    private readonly Dictionary<int, SearchCollection[]> _shards = [];
    private readonly ShardedSearcher _searcher = new(WikipediaText.Schema("one"), WikipediaText.Options);

    private ShardedCollections(SearchDatabase database, TemporaryDirectory directory) => (_database, _directory) = (database, directory);

    public SearchCollection One { get; private set; } = null!;

    public static async Task<ShardedCollections> CreateAsync(params int[] counts)
    {
        var directory = new TemporaryDirectory();
        var database = await SearchDatabase.OpenAsync(
            new SearchDatabaseOptions
            {
                Directory = directory.FullPath,
                Durability = DatabaseDurability.None,
                MemoryBytes = 16 << 20,
                CheckpointInterval = TimeSpan.Zero,
                Embedder = WikipediaText.Options,
            }
        );
        var made = new ShardedCollections(database, directory) { One = await database.CreateCollectionAsync(WikipediaText.Schema("one")) };
        foreach (var count in counts)
        {
            made._shards[count] = new SearchCollection[count];
            for (var shard = 0; shard < count; shard++)
                made._shards[count][shard] = await database.CreateCollectionAsync(WikipediaText.Schema($"of{count}-{shard}"));
        }

        return made;
    }

    public IReadOnlyList<ISearchShard> Shards(int count) => [.. _shards[count].Select(shard => shard.AsShard())];

    public Task<SearchResults> FindAsync(int count, SearchRequest request) => _searcher.FindAsync(request, Shards(count));

    public Task<IReadOnlyList<Suggestion>> SuggestAsync(int count, string text, int top) =>
        _searcher.SuggestAsync(text, top, Shards(count));

    public async Task UpsertAsync(IEnumerable<Document> documents)
    {
        foreach (var chunk in documents.Chunk(1000))
        {
            await One.UpsertAsync(chunk);
            foreach (var (count, shards) in _shards)
            {
                foreach (var part in chunk.GroupBy(document => document.Key.PartitionOf(count)))
                    await shards[part.Key].UpsertAsync([.. part]);
            }
        }
    }

    public async Task DeleteAsync(RecordKey[] keys)
    {
        await One.DeleteAsync(keys);
        foreach (var (count, shards) in _shards)
        {
            foreach (var part in keys.GroupBy(key => key.PartitionOf(count)))
                await shards[part.Key].DeleteAsync([.. part]);
        }
    }

    /// <summary>
    /// Makes the keyword indexes anew, so that deleted documents count no more: until then each index counts those that it has not merged
    /// away yet, which depends on when it merges.
    /// </summary>
    public async Task RebuildAsync()
    {
        foreach (var name in new[] { "one" }.Concat(_shards.Values.SelectMany(shards => shards).Select(shard => shard.Name)).ToArray())
        {
            // Without a log behind it: what a replay takes out of the keyword index counts there until segments are merged.
            await (await _database.GetCollectionAsync(name)).CheckpointAsync();
            await _database.RepairCollectionAsync(name);
        }

        One = await _database.GetCollectionAsync("one");
        foreach (var shards in _shards.Values)
        {
            for (var i = 0; i < shards.Length; i++)
                shards[i] = await _database.GetCollectionAsync(shards[i].Name);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _directory.Dispose();
    }
}
