using System.Collections.Concurrent;
using SearchEngine.TestSupport;
using SearchEngine.Vectors;
using Xunit;

namespace SearchEngine.Tests.Moments;

/// <summary>
/// Rule: a collection that is closed, deleted or reopened under its readers gives each a whole answer or says that it is closed; nothing
/// that a read uses goes away under it.
/// </summary>
public sealed class ClosingTests
{
    private const int Records = 600;
    private const int Rounds = 5;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reads_of_every_kind_end_whole_or_with_the_closing_named(bool isDeleted)
    {
        using var directory = new TemporaryDirectory();
        await using var database = await SearchDatabase.OpenAsync(
            new SearchDatabaseOptions
            {
                Directory = directory.FullPath,
                MemoryBytes = 16 << 20,
                CheckpointInterval = TimeSpan.Zero,
                Durability = DatabaseDurability.None,
            },
            TestContext.Current.CancellationToken
        );
        var answers = new ConcurrentDictionary<string, long>();
        for (var round = 0; round < Rounds; round++)
        {
            var collection = database.CollectionExists("closing")
                ? await database.GetCollectionAsync("closing", TestContext.Current.CancellationToken)
                : await LoadAsync(database);
            var readers = Kinds.Select(kind => Task.Run(() => ReadUntilClosedAsync(collection, kind.Key, kind.Value, answers))).ToArray();

            // Every kind has been answered in this round before the collection is closed under it.
            var before = Kinds.Keys.ToDictionary(kind => kind, kind => answers.GetValueOrDefault(kind));
            while (Kinds.Keys.Any(kind => answers.GetValueOrDefault(kind) == before[kind]) && !readers.Any(reader => reader.IsFaulted))
                await Task.Yield();
            if (isDeleted)
                await database.DeleteCollectionAsync("closing", TestContext.Current.CancellationToken);
            else
                await database.ReopenCollectionAsync("closing", TestContext.Current.CancellationToken);
            await Task.WhenAll(readers);
        }
    }

    private static readonly Dictionary<string, Func<SearchCollection, Task<long>>> Kinds = new()
    {
        ["get"] = async c => await c.GetAsync(7, true) is { } document ? document.Vectors["vector"].Length : 0,
        ["vector"] = async c =>
            (
                await c.SearchAsync(
                    new SearchRequest
                    {
                        Vector = Vector(3),
                        Mode = SearchMode.Vector,
                        Top = 10,
                    }
                )
            ).Count,
        ["keyword"] = async c =>
            (
                await c.SearchAsync(
                    new SearchRequest
                    {
                        Text = "common",
                        Mode = SearchMode.Keyword,
                        Top = 10,
                    }
                )
            ).Count,
        ["corrected"] = async c =>
            (
                await c.SearchAsync(
                    new SearchRequest
                    {
                        Text = "comon",
                        Mode = SearchMode.Keyword,
                        Top = 10,
                    }
                )
            ).Count,
        ["suggest"] = async c => (await c.SuggestAsync("comm")).Count,
        ["query"] = async c => await c.QueryAsync(new RecordQuery { Top = Records }).CountAsync(),
        ["keys"] = c => Task.FromResult((long)c.ListKeys().Count()),
        ["count"] = c => c.CountAsync(DocumentFilter.Equal("tag", "there")),
        ["verify"] = async c => (await c.VerifyAsync()).IsSound ? 1 : 0,
        ["info"] = async c => (await c.GetInfoAsync()).Count,
    };

    private static async Task ReadUntilClosedAsync(
        SearchCollection collection,
        string kind,
        Func<SearchCollection, Task<long>> read,
        ConcurrentDictionary<string, long> answers
    )
    {
        var whole = kind switch
        {
            "get" => 4,
            "vector" or "keyword" or "corrected" => 10,
            "suggest" or "verify" => 1,
            _ => Records,
        };
        try
        {
            while (true)
            {
                Assert.Equal(whole, await read(collection));
                answers.AddOrUpdate(kind, 1, (_, count) => count + 1);
            }
        }
        catch (ObjectDisposedException)
        {
            // Closed: the only other end there is.
        }
    }

    private static async Task<SearchCollection> LoadAsync(SearchDatabase database)
    {
        var collection = await database.CreateCollectionAsync(
            new CollectionSchema
            {
                Name = "closing",
                KeyKind = RecordKeyKind.Int32,
                Fields =
                [
                    new DataField("tag", DataFieldType.String) { IsFilterable = true },
                    new DataField("text", DataFieldType.String) { IsFullText = true },
                ],
                Vectors = [new VectorField("vector", 4) { Metric = DistanceMetric.Euclidean }],
            }
        );
        await collection.UpsertAsync([
            .. Enumerable
                .Range(0, Records)
                .Select(key => new Document(key)
                {
                    ["tag"] = "there",
                    ["text"] = $"common word{key}",
                    Vectors = { ["vector"] = Vector(key) },
                }),
        ]);
        return collection;
    }

    private static float[] Vector(int key) => [key, key % 7, key % 11, 1];
}
