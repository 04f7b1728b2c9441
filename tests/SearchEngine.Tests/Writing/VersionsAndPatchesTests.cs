using SearchEngine.Tests.Collections;
using SearchEngine.TestSupport;
using SearchEngine.Vectors;
using Xunit;

namespace SearchEngine.Tests.Writing;

public sealed class VersionsAndPatchesTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private SearchDatabase _database = null!;
    private SearchCollection _books = null!;

    public async ValueTask InitializeAsync()
    {
        await OpenAsync();
        await _books.UpsertAsync(TestCollections.Shelf);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _directory.Dispose();
    }

    private async Task OpenAsync()
    {
        _database = await SearchDatabase.OpenAsync(TestCollections.Options(_directory.FullPath));
        _books = await _database.GetOrCreateCollectionAsync(TestCollections.Books);
    }

    private RecordVersion VersionOf(string key) => _books.Get(key)!.Version;

    private async Task ConflictAsync(string key, WriteBatch batch)
    {
        var count = _books.Count;
        var error = await Assert.ThrowsAsync<SearchDatabaseException>(() => _books.WriteAsync(batch));
        Assert.Equal(SearchDatabaseError.VersionConflict, error.Error);
        Assert.Equal(RecordKey.From(key), error.Key);
        Assert.Contains($"'{key}'", error.Message);
        Assert.Equal(count, _books.Count);
    }

    [Fact]
    public async Task What_changes_nothing_is_not_logged()
    {
        var before = await _books.UpsertAsync(TestCollections.Book("moby", "Moby", "whale"));
        var patch = new Document("none") { ["year"] = 2000 };
        foreach (var batch in new[] { new WriteBatch(), new WriteBatch().Patch(patch), new WriteBatch().Patch(patch).Patch(patch) })
        {
            var result = await _books.WriteAsync(batch);
            Assert.Equal((0, 0, 0, batch.Count), (result.Inserted, result.Updated, result.Deleted, result.NotFound));
            Assert.Equal(before.LogAddress, result.LogAddress);
        }

        Assert.True((await _books.DeleteAsync(["moby"])).LogAddress > before.LogAddress);
    }

    [Fact]
    public async Task A_version_changes_with_every_write_of_its_record_and_survives()
    {
        var first = VersionOf("moby");
        Assert.False(first.IsNone);
        Assert.Equal(first, VersionOf("emma"));
        var result = await _books.UpsertAsync(TestCollections.Book("moby", "Moby", "whale"));
        Assert.Equal(result.Version, VersionOf("moby"));
        Assert.True(result.Version > first);
        Assert.Equal(first, VersionOf("emma"));
        Assert.Equal(
            result.Version,
            (await _books.SearchAsync(new SearchRequest { Text = "whale", Mode = SearchMode.Keyword }))[0].Document.Version
        );
        await _books.CheckpointAsync();
        var later = await _books.UpsertAsync(TestCollections.Book("emma", "Emma", "later"));
        for (var i = 0; i < 2; i++)
        {
            await _database.DisposeAsync();
            await OpenAsync();
            Assert.Equal((result.Version, later.Version), (VersionOf("moby"), VersionOf("emma")));
        }

        Assert.True((await _books.UpsertAsync(TestCollections.Book("emma", "Emma", "again"))).Version > later.Version);
        Assert.Equal(first, RecordVersion.Parse(first.ToString()));
        Assert.False(RecordVersion.TryParse("abc", out _));
    }

    [Fact]
    public async Task A_write_that_expects_another_version_changes_nothing()
    {
        var old = VersionOf("moby");
        await _books.WriteAsync(new WriteBatch().Upsert(TestCollections.Book("moby", "Second", "second"), old));
        await ConflictAsync(
            "moby",
            new WriteBatch()
                .Upsert(TestCollections.Book("new", "New", "new"))
                .Upsert(TestCollections.Book("moby", "Third", "third"), old)
                .Delete("emma")
        );
        await ConflictAsync("moby", new WriteBatch().Delete("moby", old));
        await ConflictAsync("moby", new WriteBatch().Patch(new Document("moby") { ["year"] = 1 }, old));
        await ConflictAsync("moby", new WriteBatch().Upsert(TestCollections.Book("moby", "Fresh", "fresh"), RecordVersion.None));
        await ConflictAsync("nobody", new WriteBatch().Delete("nobody", old));
        Assert.Equal("Second", _books.Get("moby")!["title"]);
        Assert.False(_books.Contains("new"));

        await _books.WriteAsync(new WriteBatch().Upsert(TestCollections.Book("new", "New", "new"), RecordVersion.None));
        Assert.Equal(1, (await _books.WriteAsync(new WriteBatch().Delete("moby", VersionOf("moby")))).Deleted);
        Assert.Empty((await _books.VerifyAsync()).Problems);
    }

    [Fact]
    public async Task Of_many_who_increment_a_record_none_is_lost()
    {
        await _books.UpsertAsync(TestCollections.Book("counter", "Counter", "count", year: 0));
        await Parallel.ForAsync(
            0,
            8,
            async (worker, _) =>
            {
                for (var done = 0; done < 25; )
                {
                    var document = _books.Get("counter")!;
                    try
                    {
                        await _books.WriteAsync(
                            new WriteBatch().Patch(new Document("counter") { ["year"] = (int)document["year"]! + 1 }, document.Version)
                        );
                        done++;
                    }
                    catch (SearchDatabaseException e) when (e.Error == SearchDatabaseError.VersionConflict)
                    {
                        // Somebody was faster.
                    }
                }
            }
        );
        Assert.Equal(200, _books.Get("counter")!["year"]);
    }

    [Fact]
    public async Task A_merge_is_a_patch_where_the_record_is_there_and_an_upsert_where_it_is_not()
    {
        var before = _books.Get("moby", includeVectors: true)!;
        var result = await _books.WriteAsync(
            new WriteBatch()
                .Merge(new Document("moby") { ["year"] = 1852 })
                .Merge(new Document("nobody") { ["year"] = 1 })
                .Merge(new Document("nobody") { ["title"] = "Nobody" })
        );
        Assert.Equal((1, 2, 0), (result.Inserted, result.Updated, result.NotFound));
        for (var i = 0; i < 2; i++)
        {
            var merged = _books.Get("moby", includeVectors: true)!;
            Assert.Equal(1852, merged["year"]);
            Assert.Equal(before["title"], merged["title"]);
            Assert.Equal(before.Vectors.Count, merged.Vectors.Count);
            var inserted = _books.Get("nobody", includeVectors: true)!;
            Assert.Equal((1, "Nobody"), (inserted["year"], inserted["title"]));
            Assert.Empty((await _books.VerifyAsync()).Problems);
            await _database.DisposeAsync();
            await OpenAsync();
        }
    }

    [Fact]
    public async Task A_patch_sets_what_it_names_and_keeps_the_rest()
    {
        var before = _books.Get("moby", includeVectors: true)!;
        var result = await _books.WriteAsync(
            new WriteBatch().Patch(new Document("moby") { ["year"] = 1852, ["tags"] = null }).Patch(new Document("nobody") { ["year"] = 1 })
        );
        Assert.Equal((0, 1, 1), (result.Inserted, result.Updated, result.NotFound));
        var after = _books.Get("moby", includeVectors: true)!;
        Assert.Equal(
            (1852, null, before["title"], before["text"], before["price"]),
            (after["year"], after["tags"], after["title"], after["text"], after["price"])
        );
        Assert.Equal(before.Vectors["vector"].ToArray(), after.Vectors["vector"].ToArray());
        Assert.False(_books.Contains("nobody"));
        Assert.Equal(
            "moby",
            Assert.Single(await _books.SearchAsync(new SearchRequest { Text = "whale", Mode = SearchMode.Keyword })).Key.ToString()
        );
        Assert.Equal(1, _books.CountWhere(DocumentFilter.Equal("year", 1852)));
        await Assert.ThrowsAsync<ArgumentException>(() =>
            _books.WriteAsync(new WriteBatch().Patch(new Document("moby") { ["colour"] = "red" }))
        );
        await _database.DisposeAsync();
        await OpenAsync();
        Assert.Equal(1852, _books.Get("moby")!["year"]);
        Assert.Empty((await _books.VerifyAsync()).Problems);
    }

    [Fact]
    public async Task A_patch_of_a_text_makes_its_vector_anew_unless_one_is_given()
    {
        await _books.WriteAsync(new WriteBatch().Patch(new Document("moby") { ["text"] = "rubber toys" }));
        Assert.Equal(TestCollections.Embedder.Embed("rubber toys"), _books.Get("moby", includeVectors: true)!.Vectors["vector"].ToArray());
        var given = TestCollections.Embedder.Embed("given");
        await _books.WriteAsync(new WriteBatch().Patch(new Document("moby") { ["text"] = "other", Vectors = { ["vector"] = given } }));
        Assert.Equal(given, _books.Get("moby", includeVectors: true)!.Vectors["vector"].ToArray());
        await _books.WriteAsync(new WriteBatch().Patch(new Document("moby") { Vectors = { ["vector"] = ReadOnlyMemory<float>.Empty } }));
        Assert.False(_books.Get("moby", includeVectors: true)!.Vectors.ContainsKey("vector"));
        await _books.WriteAsync(new WriteBatch().Patch(new Document("emma") { ["text"] = null }));
        Assert.False(_books.Get("emma", includeVectors: true)!.Vectors.ContainsKey("vector"));
        Assert.Empty((await _books.VerifyAsync()).Problems);
    }

    [Fact]
    public async Task A_patch_sees_what_its_batch_did_before_it()
    {
        var result = await _books.WriteAsync(
            new WriteBatch()
                .Upsert(TestCollections.Book("a", "One", "first", year: 1))
                .Patch(new Document("a") { ["year"] = 2 })
                .Delete("moby")
                .Patch(new Document("moby") { ["year"] = 3 })
                .Patch(new Document("a") { ["price"] = 4m })
        );
        Assert.Equal((1, 2, 1, 1), (result.Inserted, result.Updated, result.Deleted, result.NotFound));
        var a = _books.Get("a", includeVectors: true)!;
        Assert.Equal(("One", 2, 4m), (a["title"], a["year"], a["price"]));
        Assert.Equal(TestCollections.Embedder.Embed("first"), a.Vectors["vector"].ToArray());
        Assert.Empty((await _books.VerifyAsync()).Problems);
    }

    [Fact]
    public async Task A_patch_by_filter_changes_the_matching()
    {
        Assert.Equal(
            3,
            await _books.PatchAsync(new DocumentFilter.ContainsAny("tags", ["classic"]), new Document("any") { ["price"] = 1m })
        );
        Assert.Equal(3, _books.Query(new RecordQuery()).Count(book => (decimal?)book["price"] == 1m));
        Assert.Equal("Emma", _books.Get("emma")!["title"]);
        Assert.Empty((await _books.VerifyAsync()).Problems);
    }

    /// <summary>A reader that stands still holds up so much and no more.</summary>
    [Fact]
    public async Task A_read_that_is_held_open_for_too_long_ends_with_an_error_and_frees_what_it_held()
    {
        await using var database = await SearchDatabase.OpenAsync(
            TestCollections.Options(_directory.Combine("other")) with
            {
                Durability = DatabaseDurability.None,
            }
        );
        var collection = await database.CreateCollectionAsync(
            new CollectionSchema
            {
                Name = "plain",
                KeyKind = RecordKeyKind.Int32,
                Fields = [new DataField("n", DataFieldType.Int32)],
            }
        );
        async Task RewriteAsync(int round) =>
            await collection.UpsertAsync([.. Enumerable.Range(0, 5_000).Select(key => new Document(key) { ["n"] = round })]);
        await RewriteAsync(0);
        using var slow = collection.Query(new RecordQuery()).GetEnumerator();
        using var keys = collection.ListKeys().GetEnumerator();
        Assert.True(slow.MoveNext() && keys.MoveNext());
        for (var round = 1; round <= 19; round++)
            await RewriteAsync(round);
        Assert.True(slow.MoveNext());
        Assert.Equal(0, slow.Current["n"]);
        for (var round = 20; round <= 22; round++)
            await RewriteAsync(round);
        Assert.Equal(SearchDatabaseError.SnapshotTooOld, Assert.Throws<SearchDatabaseException>(() => slow.MoveNext()).Error);
        Assert.Equal(SearchDatabaseError.SnapshotTooOld, Assert.Throws<SearchDatabaseException>(() => keys.MoveNext()).Error);
        Assert.All(collection.Query(new RecordQuery()), document => Assert.Equal(22, document["n"]));
        Assert.Empty((await collection.VerifyAsync()).Problems);
        Assert.Equal(0, collection.Engine.Pipeline.Retired.Count);
    }

    [Fact]
    public async Task What_a_reader_held_up_at_a_checkpoint_is_gone_after_a_restart_and_a_repair()
    {
        using var reading = _books.Query(new RecordQuery()).GetEnumerator();
        Assert.True(reading.MoveNext());
        await _books.DeleteAsync([RecordKey.From("moby")]);
        await _books.UpsertAsync(TestCollections.Book("emma", "Second", "second"));
        await _books.CheckpointAsync();
        Assert.Empty((await _books.VerifyAsync()).Problems);
        Assert.Equal(2, _books.Engine.Pipeline.Retired.Count);
        using var killed = new TemporaryDirectory();
        foreach (var repair in new[] { false, true })
        {
            TemporaryDirectory.Copy(_directory.FullPath, killed.Combine($"{repair}"));
            await using var database = await SearchDatabase.OpenAsync(TestCollections.Options(killed.Combine($"{repair}")));
            if (repair)
                Assert.Empty((await database.RepairCollectionAsync(TestCollections.Books.Name)).Changes);
            var books = await database.GetCollectionAsync(TestCollections.Books.Name);
            Assert.Equal(4, books.Count);
            Assert.Equal("Second", books.Get("emma")!["title"]);
            Assert.Empty((await books.VerifyAsync()).Problems);
        }

        Assert.Equal(4, Remaining(reading));
    }

    private static int Remaining(IEnumerator<Document> reading)
    {
        var count = 0;
        while (reading.MoveNext())
            count++;
        return count;
    }
}
