using System.Text;
using SearchEngine.TestSupport;
using SearchEngine.Vectors;
using Xunit;

namespace SearchEngine.Tests.Moments;

/// <summary>
/// Reads beside writes: every read sees one moment, and what is decided about a record is decided where it is carried out. Public surface
/// only. Each of these fails where reads look at the views as they happen to be.
/// </summary>
public sealed class OneMomentTests : IAsyncLifetime
{
    private const int Dimension = 8;

    private static readonly CollectionSchema Schema = new()
    {
        Name = "moments",
        KeyKind = RecordKeyKind.Int32,
        Fields =
        [
            new DataField("tag", DataFieldType.String) { IsFilterable = true },
            new DataField("text", DataFieldType.String) { IsFullText = true },
            new DataField("round", DataFieldType.Int32),
        ],
        Vectors =
        [
            new VectorField("exact", Dimension)
            {
                Metric = DistanceMetric.Euclidean,
                Index = VectorIndexKind.Flat,
                Quantization = VectorQuantization.None,
            },
            new VectorField("graph", Dimension) { Metric = DistanceMetric.Euclidean, Quantization = VectorQuantization.None },
        ],
    };

    private readonly TemporaryDirectory _directory = new();
    private SearchDatabase _database = null!;
    private SearchCollection _collection = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await SearchDatabase.OpenAsync(
            new SearchDatabaseOptions
            {
                Directory = _directory.FullPath,
                MemoryBytes = 16 << 20,
                CheckpointInterval = TimeSpan.Zero,
                Durability = DatabaseDurability.None,
            }
        );
        _collection = await _database.CreateCollectionAsync(Schema);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _directory.Dispose();
    }

    private static Document Tagged(int key, string tag) => new(key) { ["tag"] = tag };

    /// <summary>A record with a vector and a word of its own, the same in every round.</summary>
    private static Document Whole(int key, int round) =>
        new(key)
        {
            ["tag"] = "there",
            ["text"] = $"word{key}",
            ["round"] = round,
            Vectors = { ["exact"] = Vector(key), ["graph"] = Vector(key) },
        };

    private static float[] Vector(int key) => [key, key % 7, key % 11, 1, 0, 0, 0, 0];

    private async Task LoadAsync(int count, Func<int, Document> document)
    {
        foreach (var chunk in Enumerable.Range(0, count).Chunk(1000))
            await _collection.UpsertAsync([.. chunk.Select(document)]);
        await _collection.CheckpointAsync();
    }

    [Fact]
    public async Task A_delete_by_filter_takes_no_record_that_was_given_a_freed_ordinal()
    {
        const int count = 40_000;
        await LoadAsync(count, key => Tagged(key, "old"));
        var deleting = Task.Run(() => _collection.DeleteAsync(DocumentFilter.Equal("tag", "old")));
        var byKey = await _collection.DeleteAsync([.. Enumerable.Range(count - 2000, 2000).Select(key => RecordKey.From(key))]);
        await _collection.CheckpointAsync();
        await _collection.UpsertAsync([.. Enumerable.Range(count, 1500).Select(key => Tagged(key, "new"))]);
        Assert.Equal(count, await deleting + byKey.Deleted);
        Assert.Equal(1500, _collection.CountWhere(DocumentFilter.Equal("tag", "new")));
        Assert.Equal(1500, _collection.Count);
        Assert.Empty((await _collection.VerifyAsync()).Problems);
    }

    [Fact]
    public async Task A_delete_by_filter_takes_no_record_that_was_updated_meanwhile()
    {
        const int count = 12_000;
        await LoadAsync(count, key => Tagged(key, "old"));
        var deleting = Task.Run(() => _collection.DeleteAsync(DocumentFilter.Equal("tag", "old")));
        foreach (var chunk in Enumerable.Range(0, count).Reverse().Chunk(200))
            await _collection.UpsertAsync([.. chunk.Select(key => Tagged(key, "new"))]);
        var deleted = await deleting;
        Assert.InRange(deleted, 0, count);
        Assert.Equal(count, _collection.CountWhere(DocumentFilter.Equal("tag", "new")));
    }

    [Fact]
    public async Task A_query_that_is_read_slowly_gives_the_records_of_the_moment_it_began()
    {
        await LoadAsync(200, key => Tagged(key, "old"));
        using var reading = _collection.Query(new RecordQuery { Filter = DocumentFilter.Equal("tag", "old") }).GetEnumerator();
        Assert.True(reading.MoveNext());
        var found = new List<string?> { (string?)reading.Current["tag"] };
        await _collection.DeleteAsync([.. Enumerable.Range(0, 200).Select(key => RecordKey.From(key))]);
        await _collection.CheckpointAsync();
        await LoadAsync(200, key => Tagged(key + 1000, "new"));
        while (reading.MoveNext())
            found.Add((string?)reading.Current["tag"]);
        Assert.Equal(Enumerable.Repeat("old", 200), found);
    }

    [Fact]
    public async Task Records_that_always_exist_are_in_every_read_while_they_are_updated()
    {
        const int count = 2_000;
        await LoadAsync(count, key => Whole(key, 0));
        using var stop = new CancellationTokenSource();
        var updating = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                await _collection.UpsertAsync(Whole(i * 7 % count, i));
                if (i % 5_000 == 4_999)
                    await _collection.CheckpointAsync();
            }
        });
        try
        {
            for (var round = 0; round < 4; round++)
            {
                Assert.Equal(Enumerable.Range(0, count), _collection.Query(new RecordQuery()).Select(d => (int)d.Key.Value).Order());
                Assert.Equal(Enumerable.Range(0, count), _collection.ListKeys().Select(key => (int)key.Value).Order());
                Assert.Equal(count, await ExportedAsync());
                for (var i = 0; i < 60; i++)
                {
                    var key = (i * 31 + round * 997) % count;
                    Assert.Equal(count, _collection.CountWhere(DocumentFilter.Equal("tag", "there")));
                    Assert.Equal(
                        key,
                        await FirstAsync(
                            new SearchRequest
                            {
                                Mode = SearchMode.Vector,
                                VectorField = "exact",
                                Vector = Vector(key),
                                Top = 1,
                            }
                        )
                    );
                    // A graph answers approximately, but never with nothing.
                    Assert.NotEqual(
                        -1,
                        await FirstAsync(
                            new SearchRequest
                            {
                                Mode = SearchMode.Vector,
                                VectorField = "graph",
                                Vector = Vector(key),
                                Top = 1,
                            }
                        )
                    );
                    Assert.Equal(
                        key,
                        await FirstAsync(
                            new SearchRequest
                            {
                                Mode = SearchMode.Keyword,
                                Text = $"word{key}",
                                Top = 1,
                            }
                        )
                    );
                    Assert.Equal(count, _collection.Get([.. Enumerable.Range(0, count).Select(k => RecordKey.From(k))]).Count);
                }
            }
        }
        finally
        {
            await stop.CancelAsync();
            await updating;
        }

        Assert.Empty((await _collection.VerifyAsync()).Problems);
    }

    private async Task<int> FirstAsync(SearchRequest request) =>
        (await _collection.SearchAsync(request)) is [var hit, ..] ? (int)hit.Key.Value : -1;

    /// <summary>Distinct keys in an export, whose end line must agree.</summary>
    private async Task<int> ExportedAsync()
    {
        using var output = new MemoryStream();
        var records = await CollectionExport.WriteAsync(_collection, output, includeVectors: false);
        var keys = Encoding
            .UTF8.GetString(output.ToArray())
            .Split('\n')
            .Count(line => line.StartsWith("{\"key\":", StringComparison.Ordinal));
        Assert.Equal(records, keys);
        return keys;
    }
}
