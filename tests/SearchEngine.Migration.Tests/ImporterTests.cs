using SearchEngine.TestSupport;

namespace SearchEngine.Migration.Tests;

public sealed class ImporterTests : IDisposable
{
    private const string Identity = "hashing";
    private readonly TemporaryDirectory _folder = new();
    private readonly HashingEmbeddingGenerator _generator = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _generator.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Kept_vectors_are_found_by_and_a_second_run_writes_nothing()
    {
        await using var database = await OpenAsync();
        foreach (
            var (file, table) in new[] { ("items.sql", "items"), ("flat.parquet", null), ("chroma", "notes"), ("connector.sqlite", null) }
        )
        {
            var store = await Fixture.OpenAsync(file, new StoreOptions { Table = table });
            var mapping = await Fixture.DecideAsync(store);
            var first = await Importer.RunAsync(database, store, mapping, cancellationToken: Token);
            var second = await Importer.RunAsync(database, store, mapping, cancellationToken: Token);
            Assert.Equal((mapping.Rows, 0L), (first.Written, first.Unchanged));
            Assert.Equal((0L, mapping.Rows), (second.Written, second.Unchanged));
            var collection = await database.GetCollectionAsync(mapping.Schema.Name, Token);
            Assert.Equal(mapping.Rows, await collection.CountAsync(cancellationToken: Token));
            var (column, field) = mapping.Vectors[0];
            foreach (var row in (await Fixture.RowsAsync(store)).Where(row => row.GetValueOrDefault(column) is not null))
            {
                var request = new SearchRequest
                {
                    Vector = (float[])row[column]!,
                    VectorField = field.Name,
                    Mode = SearchMode.Vector,
                    Top = 1,
                };
                var hit = Assert.Single(await collection.SearchAsync(request, Token));
                Assert.Equal(RowValues.KeyOf(row[mapping.KeyColumn!], mapping.Schema.KeyKind), hit.Document.Key);
            }
        }
    }

    [Fact]
    public async Task Texts_are_not_compared_with_vectors_of_a_model_that_nobody_knows()
    {
        await using var database = await OpenAsync();
        var store = await Fixture.OpenAsync("flat.parquet");
        await Importer.RunAsync(database, store, await Fixture.DecideAsync(store), cancellationToken: Token);
        var collection = await database.GetCollectionAsync("flat", Token);
        var error = await Assert.ThrowsAsync<SearchDatabaseException>(() =>
            collection.SearchAsync(new SearchRequest { Text = "bread" }, Token)
        );
        Assert.Equal(SearchDatabaseError.EmbeddingModelMismatch, error.Error);
        Assert.Single(await collection.SearchAsync(new SearchRequest { Text = "bread", Mode = SearchMode.Keyword }, Token));
    }

    [Fact]
    public async Task Embedding_anew_happens_once()
    {
        await using var database = await OpenAsync();
        var options = new MappingOptions
        {
            Embed = "text",
            EmbedDimension = _generator.Dimension,
            EmbeddingModel = Identity,
        };
        var store = await Fixture.OpenAsync("notes.arrow");
        var mapping = await Fixture.DecideAsync(store, options);
        Assert.Empty(mapping.Problems);
        Assert.Equal("vector", Assert.Single(mapping.LeftOut).Column);
        await Importer.RunAsync(database, store, mapping, cancellationToken: Token);
        var texts = _generator.TextCount;
        Assert.Equal(3, texts);
        Assert.Equal(0, (await Importer.RunAsync(database, store, mapping, cancellationToken: Token)).Written);
        Assert.Equal(texts, _generator.TextCount);
        var collection = await database.GetCollectionAsync("notes", Token);
        var hit = (await collection.SearchAsync(new SearchRequest { Text = "Ships carry cargo", Top = 1 }, Token))[0];
        Assert.Equal(RecordKey.From("b"), hit.Document.Key);
    }

    [Fact]
    public async Task A_changed_row_alone_is_written_again_and_what_was_added_here_stays()
    {
        await using var database = await OpenAsync();
        var path = _folder.Combine("notes.json");
        File.WriteAllText(path, """[{"id":1,"payload":{"t":"one"},"vector":[1,2]},{"id":2,"payload":{"t":"two"},"vector":[3,4]}]""");
        var store = await ForeignStores.OpenAsync(path, new StoreOptions(), Token);
        await Importer.RunAsync(database, store, await Fixture.DecideAsync(store), cancellationToken: Token);
        File.WriteAllText(path, """[{"id":1,"payload":{"t":"one"},"vector":[1,2]},{"id":2,"payload":{"t":"2"}}]""");
        var report = await Importer.RunAsync(database, store, await Fixture.DecideAsync(store), cancellationToken: Token);
        Assert.Equal((1L, 1L), (report.Written, report.Unchanged));
        var changed = (await (await database.GetCollectionAsync("notes", Token)).GetAsync(2L, includeVectors: true, Token))!;
        Assert.Equal("2", changed["t"]);
        Assert.Empty(changed.Vectors);
    }

    [Fact]
    public async Task An_interrupted_import_goes_on()
    {
        await using var database = await OpenAsync();
        var path = _folder.Combine("notes.json");
        File.WriteAllLines(path, Enumerable.Range(0, 1000).Select(i => $$"""{"id":{{i}},"payload":{"n":{{i}}},"vector":[{{i + 1}},1]}"""));
        var store = await ForeignStores.OpenAsync(path, new StoreOptions(), Token);
        var mapping = await Fixture.DecideAsync(store);
        using var stop = new CancellationTokenSource();
        var progress = new StopAfter(300, stop);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Importer.RunAsync(database, store, mapping, progress, stop.Token));
        var report = await Importer.RunAsync(database, store, mapping, cancellationToken: Token);
        Assert.Equal(1000, report.Written + report.Unchanged);
        Assert.True(report.Unchanged >= 300, $"{report.Unchanged} were kept");
        Assert.Equal(1000, await (await database.GetCollectionAsync("notes", Token)).CountAsync(cancellationToken: Token));
    }

    [Theory]
    [InlineData("""[{"id":1,"payload":{"t":"x"},"vector":[1,2,3]}]""", "3")]
    [InlineData("""[{"id":1,"payload":{"t":5},"vector":[1,2]}]""", "'t'")]
    [InlineData("""[{"id":"11111111-2222-3333-4444-555555555555","payload":{"t":"x"},"vector":[1,2]}]""", "keys")]
    [InlineData("""[{"id":1,"payload":{"t":"x","u":1},"vector":[1,2]}]""", "'u'")]
    public async Task A_collection_that_does_not_fit_is_refused_before_anything_is_written(string content, string part)
    {
        await using var database = await OpenAsync();
        var path = _folder.Combine("notes.json");
        File.WriteAllText(path, """[{"id":1,"payload":{"t":"one"},"vector":[1,2]}]""");
        var store = await ForeignStores.OpenAsync(path, new StoreOptions(), Token);
        await Importer.RunAsync(database, store, await Fixture.DecideAsync(store), cancellationToken: Token);
        File.WriteAllText(path, content);
        var mapping = await Fixture.DecideAsync(store);
        var error = await Assert.ThrowsAsync<MigrationException>(() =>
            Importer.RunAsync(database, store, mapping, cancellationToken: Token)
        );
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Equal(1, await (await database.GetCollectionAsync("notes", Token)).CountAsync(cancellationToken: Token));
    }

    private Task<SearchDatabase> OpenAsync() =>
        SearchDatabase.OpenAsync(
            new SearchDatabaseOptions
            {
                Directory = _folder.Combine("data"),
                Embedder = new EmbedderOptions { Generator = _generator, Identity = Identity },
            },
            Token
        );

    private sealed class StopAfter(long records, CancellationTokenSource stop) : IProgress<long>
    {
        public void Report(long value)
        {
            if (value >= records)
                stop.Cancel();
        }
    }
}
