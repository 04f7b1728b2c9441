using Microsoft.Extensions.VectorData;
using Xunit;

namespace SearchEngine.SemanticKernel.Tests;

public sealed class CollectionManagementTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    [Fact]
    public async Task A_collection_exists_between_creation_and_deletion()
    {
        var name = fixture.NewName();
        using var collection = fixture.Store.GetCollection<string, Item>(name);
        Assert.False(await collection.CollectionExistsAsync());
        Assert.DoesNotContain(name, await fixture.Store.ListCollectionNamesAsync().ToListAsync());

        await collection.EnsureCollectionExistsAsync();
        await collection.EnsureCollectionExistsAsync();
        Assert.True(await collection.CollectionExistsAsync());
        Assert.True(await fixture.Store.CollectionExistsAsync(name));
        Assert.Single(await fixture.Store.ListCollectionNamesAsync().ToListAsync(), n => n == name);

        await collection.EnsureCollectionDeletedAsync();
        Assert.False(await collection.CollectionExistsAsync());
        await collection.EnsureCollectionDeletedAsync();
        await fixture.Store.EnsureCollectionDeletedAsync(name);
    }

    [Fact]
    public async Task A_collection_made_again_is_empty_and_works_through_old_instances()
    {
        var collection = await fixture.CreateAsync<string, Item>(Item.Make(1));
        var other = fixture.Store.GetCollection<string, Item>(collection.Name);
        Assert.NotNull(await other.GetAsync("k1"));
        await fixture.Store.EnsureCollectionDeletedAsync(collection.Name);
        await other.EnsureCollectionExistsAsync();
        Assert.Equal(0, await collection.CountAsync());
        await collection.UpsertAsync(Item.Make(2));
        Assert.Null(await other.GetAsync("k1"));
        Assert.NotNull(await other.GetAsync("k2"));
    }

    [Fact]
    public async Task Twenty_at_once_make_one_collection()
    {
        var name = fixture.NewName();
        await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(_ => Task.Run(() => fixture.Store.GetCollection<string, Item>(name).EnsureCollectionExistsAsync()))
        );
        Assert.True(await fixture.Store.CollectionExistsAsync(name));
    }

    [Fact]
    public void Metadata_name_system_store_and_collection()
    {
        using var collection = fixture.Store.GetCollection<string, Item>("meta");
        var metadata = Assert.IsType<VectorStoreCollectionMetadata>(collection.GetService(typeof(VectorStoreCollectionMetadata)));
        Assert.Equal("searchengine", metadata.VectorStoreSystemName);
        Assert.Equal("db", metadata.VectorStoreName);
        Assert.Equal("meta", metadata.CollectionName);
        Assert.Equal(
            "searchengine",
            Assert.IsType<VectorStoreMetadata>(fixture.Store.GetService(typeof(VectorStoreMetadata))).VectorStoreSystemName
        );
        Assert.Same(collection, collection.GetService(typeof(IVectorSearchable<Item>)));
        Assert.Null(collection.GetService(typeof(IVectorSearchable<Item>), "key"));
        Assert.Null(collection.GetService(typeof(Uri)));
    }

    [Fact]
    public async Task Hybrid_search_is_offered_as_a_service_only_with_a_full_text_property()
    {
        Assert.Null(fixture.Store.GetCollection<string, Item>("x").GetService(typeof(IKeywordHybridSearchable<Item>)));
        var articles = await fixture.CreateAsync<int, Article>();
        Assert.Same(articles, articles.GetService(typeof(IKeywordHybridSearchable<Article>)));
    }

    [Fact]
    public async Task The_database_is_a_service_once_it_is_open()
    {
        var database = await fixture.GetDatabaseAsync();
        Assert.Same(database, fixture.Store.GetService(typeof(ISearchDatabase)));
        Assert.Same(database as SearchDatabase, fixture.Store.GetService(typeof(SearchDatabase)));
    }

    [Fact]
    public async Task A_stored_collection_that_does_not_fit_the_model_is_refused_with_every_difference()
    {
        var collection = await fixture.CreateAsync<string, Item>();
        var definition = new VectorStoreCollectionDefinition
        {
            Properties =
            [
                new VectorStoreKeyProperty("Id", typeof(Guid)),
                new VectorStoreDataProperty("Number", typeof(string)) { StorageName = "item_number" },
                new VectorStoreDataProperty("Missing", typeof(int)),
                new VectorStoreVectorProperty("Vector", typeof(float[]), 5) { StorageName = "item_vector" },
            ],
        };
        var other = fixture.Store.GetDynamicCollection(collection.Name, definition);
        var exception = await Assert.ThrowsAsync<VectorStoreException>(() => other.EnsureCollectionExistsAsync());
        foreach (var part in new[] { "keys", "item_number", "'Missing'", "3 dimensions", "the model's has 5" })
            Assert.Contains(part, exception.Message);
    }

    [Fact]
    public async Task A_missing_collection_fails_every_operation_but_deletion_and_existence()
    {
        var collection = fixture.Store.GetCollection<string, Item>("nowhere");
        var vector = new ReadOnlyMemory<float>([1, 2, 3]);
        Func<Task>[] operations =
        [
            () => collection.GetAsync("a"),
            () => collection.GetAsync(["a"]).ToListAsync().AsTask(),
            () => collection.GetAsync(r => true, 1).ToListAsync().AsTask(),
            () => collection.UpsertAsync(Item.Make(1)),
            () => collection.DeleteAsync("a"),
            () => collection.DeleteAsync(["a"]),
            () => collection.SearchAsync(vector, 1).ToListAsync().AsTask(),
            () => collection.CountAsync(),
        ];
        foreach (var operation in operations)
        {
            var exception = await Assert.ThrowsAsync<VectorStoreException>(operation);
            Assert.Equal("searchengine", exception.VectorStoreSystemName);
            Assert.Equal("db", exception.VectorStoreName);
            Assert.Equal("nowhere", exception.CollectionName);
            Assert.NotNull(exception.OperationName);
            Assert.Equal(SearchDatabaseError.CollectionNotFound, Assert.IsType<SearchDatabaseException>(exception.InnerException).Error);
        }

        Assert.False(await collection.CollectionExistsAsync());
        await collection.EnsureCollectionDeletedAsync();
    }

    [Fact]
    public void Dictionaries_want_the_dynamic_collection()
    {
        Assert.Throws<ArgumentException>(() =>
            fixture.Store.GetCollection<object, Dictionary<string, object?>>("x", new VectorStoreCollectionDefinition())
        );
        Assert.Throws<NotSupportedException>(() => new SearchEngineCollection<object, Dictionary<string, object?>>(fixture.Directory, "x"));
        Assert.Throws<ArgumentNullException>(() => fixture.Store.GetDynamicCollection("x", null!));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    public void A_name_and_a_directory_are_needed(string? blank)
    {
        Assert.ThrowsAny<ArgumentException>(() => fixture.Store.GetCollection<string, Item>(blank!));
        Assert.ThrowsAny<ArgumentException>(() => new SearchEngineVectorStore(blank!));
    }
}
