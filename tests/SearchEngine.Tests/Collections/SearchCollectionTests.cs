using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Collections;

public sealed class SearchCollectionTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private SearchDatabase _database = null!;
    private SearchCollection _books = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await SearchDatabase.OpenAsync(TestCollections.Options(_directory.FullPath));
        _books = await _database.GetOrCreateCollectionAsync(TestCollections.Books);
        await _books.UpsertAsync(TestCollections.Shelf);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _directory.Dispose();
    }

    private async Task ReopenAsync()
    {
        await _database.DisposeAsync();
        _database = await SearchDatabase.OpenAsync(TestCollections.Options(_directory.FullPath));
        _books = await _database.GetCollectionAsync(TestCollections.Books.Name);
    }

    private static SearchRequest Request(string text, SearchMode mode = SearchMode.Hybrid) => new() { Text = text, Mode = mode };

    [Theory]
    [InlineData(SearchMode.Hybrid)]
    [InlineData(SearchMode.Vector)]
    [InlineData(SearchMode.Keyword)]
    public async Task Every_mode_finds_the_whale_book_first(SearchMode mode)
    {
        var hits = await _books.SearchAsync(Request("hunting the white whale", mode));
        Assert.Equal("moby", hits[0].Key.ToString());
        Assert.Equal(hits.OrderByDescending(h => h.Score).Select(h => h.Key), hits.Select(h => h.Key));
    }

    [Fact]
    public async Task Keyword_search_stems_and_vector_search_does_not_need_the_word()
    {
        Assert.Equal("dune", Assert.Single(await _books.SearchAsync(Request("worm riding", SearchMode.Keyword))).Key.ToString());
        Assert.Empty(await _books.SearchAsync(Request("zzz", SearchMode.Keyword)));
        Assert.Equal(5, (await _books.SearchAsync(Request("zzz", SearchMode.Vector))).Count);
    }

    [Fact]
    public async Task An_update_replaces_the_whole_record_everywhere()
    {
        var result = await _books.UpsertAsync(TestCollections.Book("moby", "Moby Duck", "Rubber toys drift around the world.", 2011));
        Assert.Equal((0, 1, 0), (result.Inserted, result.Updated, result.Deleted));
        Assert.Equal(5, _books.Count);
        Assert.Equal("Moby Duck", _books.Get("moby")!["title"]);
        Assert.Null(_books.Get("moby")!["tags"]);
        Assert.Empty(await _books.SearchAsync(Request("whale", SearchMode.Keyword)));
        Assert.Equal("moby", (await _books.SearchAsync(Request("rubber toys drift", SearchMode.Vector)))[0].Key.ToString());
        Assert.Empty((await _books.VerifyAsync()).Problems);
    }

    [Fact]
    public async Task A_deleted_record_is_found_by_nobody()
    {
        var result = await _books.DeleteAsync([RecordKey.From("moby"), RecordKey.From("nobody"), RecordKey.From("moby")]);
        Assert.Equal(1, result.Deleted);
        Assert.Null(_books.Get("moby"));
        Assert.DoesNotContain(await _books.SearchAsync(Request("whale")), hit => hit.Key == "moby");
        Assert.Equal(4, _books.ListKeys().Count());
        Assert.Empty((await _books.VerifyAsync()).Problems);
    }

    [Fact]
    public async Task Operations_of_a_batch_on_one_key_apply_in_order()
    {
        var batch = new WriteBatch()
            .Upsert(TestCollections.Book("a", "One", "first"))
            .Delete("a")
            .Upsert(TestCollections.Book("a", "Two", "second"))
            .Upsert(TestCollections.Book("a", "Three", "third"))
            .Upsert(TestCollections.Book("b", "B", "bee"))
            .Delete("b");
        var result = await _books.WriteAsync(batch);
        Assert.Equal("Three", _books.Get("a")!["title"]);
        Assert.Null(_books.Get("b"));
        Assert.Equal(6, _books.Count);
        Assert.Equal((3, 1, 2), (result.Inserted, result.Updated, result.Deleted));
        Assert.Empty((await _books.VerifyAsync()).Problems);
    }

    [Fact]
    public async Task Everything_is_there_after_reopening()
    {
        await _books.DeleteAsync([RecordKey.From("emma")]);
        await _books.WriteAsync(new WriteBatch().SetMetadata("file:a", "hash").SetMetadata("file:b", "hash2").SetMetadata("file:a", null));
        await ReopenAsync();
        Assert.Equal(4, _books.Count);
        Assert.Equal(12m, _books.Get("dune")!["price"]);
        Assert.Equal(["sea", "classic"], (string[])_books.Get("moby")!["tags"]!);
        Assert.Equal(TestCollections.Dimension, _books.Get("moby", includeVectors: true)!.Vectors["vector"].Length);
        Assert.Null(_books.GetMetadata("file:a"));
        Assert.Equal([new("file:b", "hash2")], _books.ListMetadata("file:"));
        Assert.Equal("moby", (await _books.SearchAsync(Request("white whale")))[0].Key.ToString());
        Assert.Empty((await _books.VerifyAsync()).Problems);
    }

    [Fact]
    public async Task Acknowledged_writes_survive_a_copy_taken_without_closing()
    {
        await _books.UpsertAsync(TestCollections.Book("late", "Late", "written after the checkpoint about zebras"));
        using var copy = new TemporaryDirectory();
        TemporaryDirectory.Copy(_directory.FullPath, copy.Combine("db"));
        await using var reopened = await SearchDatabase.OpenAsync(TestCollections.Options(copy.Combine("db")));
        var books = await reopened.GetCollectionAsync(TestCollections.Books.Name);
        Assert.Equal(6, books.Count);
        Assert.Equal("late", Assert.Single(await books.SearchAsync(Request("zebra", SearchMode.Keyword))).Key.ToString());
        Assert.Empty((await books.VerifyAsync()).Problems);
    }

    [Fact]
    public async Task Explanations_add_up_to_the_fused_score()
    {
        var hits = await _books.SearchAsync(Request("white whale ships") with { Explain = true });
        foreach (var hit in hits)
        {
            var explanation = hit.Explanation!;
            Assert.Equal(hit.Score, (explanation.Vector?.Contribution ?? 0) + (explanation.Keyword?.Contribution ?? 0), 1e-12);
            if (explanation.Keyword is { } keyword)
                Assert.Equal(keyword.Score, explanation.Terms.Sum(t => t.Score), 1e-3);
        }

        Assert.NotNull(hits[0].Explanation!.Vector);
        Assert.NotNull(hits[0].Explanation!.Keyword);
    }

    [Fact]
    public async Task Snippets_mark_the_stemmed_matches()
    {
        var hit = (await _books.SearchAsync(Request("whales", SearchMode.Keyword) with { SnippetField = "text" }))[0];
        Assert.Contains("whale", hit.Snippet!.Matches.Select(m => hit.Snippet.Text.Substring(m.Start, m.Length)));
    }

    [Fact]
    public async Task Paging_gives_each_hit_once()
    {
        var all = await _books.SearchAsync(Request("a book about ships and people"));
        var paged = new List<SearchHit>();
        for (var skip = 0; skip < all.Count; skip += 2)
            paged.AddRange(await _books.SearchAsync(Request("a book about ships and people") with { Top = 2, Skip = skip }));
        Assert.Equal(all.Select(h => h.Key), paged.Select(h => h.Key));
    }

    [Fact]
    public async Task Filters_narrow_every_mode()
    {
        foreach (var mode in Enum.GetValues<SearchMode>())
        {
            var hits = await _books.SearchAsync(
                Request("a young woman on a ship", mode) with
                {
                    Filter = DocumentFilter.Less("year", 1900),
                }
            );
            Assert.All(hits, hit => Assert.True((int)hit.Document["year"]! < 1900));
            Assert.NotEmpty(hits);
        }
    }

    [Fact]
    public void Queries_sort_and_page()
    {
        var byYear = _books.Query(new RecordQuery { OrderBy = [new SortKey("year")] }).Select(d => d.Key.ToString()).ToArray();
        Assert.Equal(["untitled", "emma", "moby", "walden", "dune"], byYear);
        var descending = _books
            .Query(
                new RecordQuery
                {
                    OrderBy = [new SortKey("year", Descending: true)],
                    Skip = 1,
                    Top = 2,
                }
            )
            .Select(d => d.Key.ToString());
        Assert.Equal(["walden", "moby"], descending);
        Assert.Equal(
            5,
            Enumerable.Range(0, 5).Select(i => _books.Query(new RecordQuery { Skip = i, Top = 1 }).Single().Key).Distinct().Count()
        );
    }

    [Fact]
    public async Task Delete_by_filter_deletes_just_the_matching()
    {
        Assert.Equal(3, await _books.DeleteAsync(new DocumentFilter.ContainsAny("tags", ["classic"])));
        Assert.Equal(["dune", "untitled"], _books.ListKeys().Select(k => k.ToString()).Order());
    }

    [Fact]
    public async Task What_does_not_fit_the_schema_is_refused_and_nothing_of_the_batch_is_stored()
    {
        async Task Refused(string says, Document document)
        {
            var error = await Assert.ThrowsAsync<ArgumentException>(() =>
                _books.UpsertAsync([TestCollections.Book("fine", "Fine", "fine"), document])
            );
            Assert.Contains(says, error.Message);
        }

        await Refused("'colour'", new Document("x") { ["colour"] = "red" });
        await Refused("'year'", new Document("x") { ["year"] = "1990" });
        await Refused("63 dimensions", new Document("x") { Vectors = { ["vector"] = new float[63] } });
        await Refused("zero", new Document("x") { Vectors = { ["vector"] = new float[64] } });
        await Refused("finite", new Document("x") { Vectors = { ["vector"] = Enumerable.Repeat(float.NaN, 64).ToArray() } });
        await Refused("String keys", new Document(5));
        Assert.Equal(5, _books.Count);
        Assert.False(_books.Contains("fine"));
    }

    [Fact]
    public async Task Wrong_requests_are_refused_by_name()
    {
        async Task Refused(string says, SearchRequest request) =>
            Assert.Contains(says, (await Assert.ThrowsAsync<ArgumentException>(() => _books.SearchAsync(request))).Message);

        await Refused("Top is 0", Request("x") with { Top = 0 });
        await Refused("'colour'", Request("x") with { Filter = DocumentFilter.Equal("colour", 1) });
        await Refused("'vectors'", Request("x") with { VectorField = "vectors" });
        await Refused("needs a text", new SearchRequest());
        await Refused("'year'", Request("x") with { TextFields = ["year"] });
        await Refused("dimensions", new SearchRequest { Vector = new float[3], Mode = SearchMode.Vector });
    }

    [Fact]
    public async Task Another_model_is_refused_by_name()
    {
        await _database.DisposeAsync();
        _database = await SearchDatabase.OpenAsync(TestCollections.Options(_directory.FullPath, identity: "other@2"));
        _books = await _database.GetCollectionAsync(TestCollections.Books.Name);
        Assert.Equal("moby", (await _books.SearchAsync(Request("whale", SearchMode.Keyword)))[0].Key.ToString());
        var error = await Assert.ThrowsAsync<SearchDatabaseException>(() => _books.SearchAsync(Request("whale")));
        Assert.Equal(SearchDatabaseError.EmbeddingModelMismatch, error.Error);
        Assert.Contains("hashing@1", error.Message);
        Assert.Contains("other@2", error.Message);
    }

    [Fact]
    public async Task A_second_owner_a_missing_collection_and_another_schema_are_refused()
    {
        var second = await Assert.ThrowsAsync<SearchDatabaseException>(() =>
            SearchDatabase.OpenAsync(TestCollections.Options(_directory.FullPath))
        );
        Assert.Equal(SearchDatabaseError.InUse, second.Error);
        var missing = await Assert.ThrowsAsync<SearchDatabaseException>(() => _database.GetCollectionAsync("nothing"));
        Assert.Equal(SearchDatabaseError.CollectionNotFound, missing.Error);
        Assert.Contains(TestCollections.Books.Name, missing.Message);
        var other = TestCollections.Books with { Vectors = [new VectorField("vector", 32) { SourceField = "text" }] };
        var mismatch = await Assert.ThrowsAsync<SearchDatabaseException>(() => _database.GetOrCreateCollectionAsync(other));
        Assert.Contains("64 dimensions, asked for 32", mismatch.Message);
    }

    [Fact]
    public async Task Collections_are_listed_and_deleted()
    {
        await _database.CreateCollectionAsync(new CollectionSchema { Name = "Ä/b", KeyKind = RecordKeyKind.Guid });
        Assert.Equal([TestCollections.Books.Name, "Ä/b"], _database.ListCollections());
        Assert.True(await _database.DeleteCollectionAsync("Ä/b"));
        Assert.False(await _database.DeleteCollectionAsync("Ä/b"));
        Assert.Equal([TestCollections.Books.Name], _database.ListCollections());
        await Assert.ThrowsAsync<SearchDatabaseException>(() => _database.CreateCollectionAsync(TestCollections.Books));
    }

    [Fact]
    public async Task Many_writers_and_readers_see_their_own_writes()
    {
        var failures = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await Parallel.ForAsync(
            0,
            8,
            async (writer, cancellationToken) =>
            {
                for (var i = 0; i < 25; i++)
                {
                    var key = $"w{writer}-{i % 10}";
                    var word = $"word{writer}x{i}";
                    await _books.UpsertAsync(TestCollections.Book(key, word, $"text with {word}"), cancellationToken);
                    if ((string?)_books.Get(key)?["title"] != word)
                        failures.Enqueue($"{key} is not {word}");
                    var hits = await _books.SearchAsync(Request(word, SearchMode.Keyword), cancellationToken);
                    if (hits.Count != 1 || hits[0].Key != key)
                        failures.Enqueue($"{word} finds {hits.Count} hits");
                    if (i % 7 == 0)
                        await _books.CheckpointAsync(cancellationToken);
                }
            }
        );
        Assert.Empty(failures);
        Assert.Equal(85, _books.Count);
        Assert.Empty((await _books.VerifyAsync()).Problems);
        await ReopenAsync();
        Assert.Equal(85, _books.Count);
        Assert.Empty((await _books.VerifyAsync()).Problems);
    }

    [Fact]
    public async Task Compaction_keeps_every_record()
    {
        for (var round = 0; round < 5; round++)
        {
            await _books.UpsertAsync([
                .. Enumerable.Range(0, 50).Select(i => TestCollections.Book($"k{i}", $"Title {round}", $"text {i} of round {round}")),
            ]);
        }
        await _books.CompactAsync();
        Assert.Equal(55, _books.Count);
        Assert.Equal("Title 4", _books.Get("k7")!["title"]);
        await ReopenAsync();
        Assert.Equal(55, _books.Count);
        Assert.Empty((await _books.VerifyAsync()).Problems);
    }

    [Fact]
    public async Task A_cancelled_search_and_a_closed_database_say_so()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _books.SearchAsync(Request("whale"), cancelled.Token));
        await _database.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => _books.Get("moby"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _books.UpsertAsync(TestCollections.Shelf));
    }
}
