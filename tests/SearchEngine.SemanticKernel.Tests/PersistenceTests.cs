using Microsoft.Extensions.VectorData;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.SemanticKernel.Tests;

public sealed class PersistenceTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private string Path => _directory.Sub("db");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Records_are_there_after_dispose_and_reopen()
    {
        using (var store = new SearchEngineVectorStore(Path))
        {
            var collection = store.GetCollection<int, Article>("articles");
            await collection.EnsureCollectionExistsAsync();
            await collection.UpsertAsync([
                .. Enumerable
                    .Range(1, 50)
                    .Select(i => new Article
                    {
                        Id = i,
                        Code = i,
                        Text = $"word{i} common",
                        Vector = new float[] { i, 1, 0, 0 },
                    }),
            ]);
            await collection.DeleteAsync(7);
        }

        using (var store = new SearchEngineVectorStore(Path))
        {
            Assert.Equal(["articles"], await store.ListCollectionNamesAsync().ToListAsync());
            var collection = store.GetCollection<int, Article>("articles");
            await collection.EnsureCollectionExistsAsync();
            Assert.Equal(49, await collection.CountAsync());
            Assert.Null(await collection.GetAsync(7));
            Assert.Equal("word8 common", (await collection.GetAsync(8))!.Text);
            Assert.Equal(33, (await collection.HybridSearchAsync(new float[] { 33, 1, 0, 0 }, ["word33"], 1).SingleAsync()).Record.Id);
            Assert.Equal([11], await collection.GetAsync(r => r.Code == 11, 5).Select(r => r.Id).ToListAsync());
        }
    }

    [Fact]
    public async Task Stores_on_one_directory_share_the_database_until_the_last_goes()
    {
        var first = new SearchEngineVectorStore(Path);
        var second = new SearchEngineVectorStore(Path + System.IO.Path.DirectorySeparatorChar);
        var third = new SearchEngineCollection<string, Item>(System.IO.Path.Combine(Path, "..", "db"), "items");
        Assert.Same(await first.GetDatabaseAsync(), await second.GetDatabaseAsync());
        await third.EnsureCollectionExistsAsync();
        Assert.Equal(3, DatabaseRegistry.CountReferences(Path));
        Assert.True(await first.CollectionExistsAsync("items"));

        first.Dispose();
        first.Dispose();
        await second.DisposeAsync();
        Assert.Equal(1, DatabaseRegistry.CountReferences(Path));
        await third.UpsertAsync(Item.Make(1));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => first.CollectionExistsAsync("items"));
        third.Dispose();
        Assert.Equal(0, DatabaseRegistry.CountReferences(Path));
    }

    [Fact]
    public async Task Dispose_releases_the_files()
    {
        using (var store = new SearchEngineVectorStore(Path))
        {
            var collection = store.GetCollection<string, Item>("items");
            await collection.EnsureCollectionExistsAsync();
            await collection.UpsertAsync(Item.Make(1));
        }

        if (OperatingSystem.IsLinux())
            Assert.Empty(OpenFiles.Below(_directory.Path));

        Directory.Delete(Path, recursive: true);
        Assert.False(Directory.Exists(Path));
    }

    [Fact]
    public async Task A_store_over_an_open_database_leaves_it_open()
    {
        await using var database = await SearchDatabase.OpenAsync(new SearchDatabaseOptions { Directory = Path });
        using (var store = new SearchEngineVectorStore(database))
            await store.GetCollection<string, Item>("items").EnsureCollectionExistsAsync();
        Assert.True(database.CollectionExists("items"));
    }

    [Fact]
    public async Task A_directory_that_is_in_use_is_named()
    {
        await using var database = await SearchDatabase.OpenAsync(new SearchDatabaseOptions { Directory = Path });
        using var store = new SearchEngineVectorStore(Path);
        var exception = await Assert.ThrowsAsync<VectorStoreException>(() => store.CollectionExistsAsync("items"));
        Assert.Equal(SearchDatabaseError.InUse, Assert.IsType<SearchDatabaseException>(exception.InnerException).Error);
    }

    [Fact]
    public async Task A_snapshot_restores_what_was()
    {
        using var store = new SearchEngineVectorStore(Path);
        var collection = store.GetCollection<string, Item>("items");
        await collection.EnsureCollectionExistsAsync();
        await collection.UpsertAsync([Item.Make(1), Item.Make(2)]);
        await collection.CreateSnapshotAsync(_directory.Sub("snapshot"));
        await collection.DeleteAsync("k1");
        await collection.EnsureCollectionDeletedAsync();
        await collection.RestoreSnapshotAsync(_directory.Sub("snapshot"));
        Assert.Equal(2, await collection.CountAsync());
        Assert.Equal("k2", (await collection.SearchAsync(Item.Make(2).Vector, 1).SingleAsync()).Record.Id);
        Assert.Empty((await collection.VerifyAsync()).Problems);
        await Assert.ThrowsAsync<ArgumentException>(() => collection.CreateSnapshotAsync(_directory.Sub("snapshot")));
    }

    [Fact]
    public async Task Generated_integer_keys_go_on_after_reopening()
    {
        for (var round = 1; round <= 3; round++)
        {
            using var collection = new SearchEngineCollection<int, Article>(Path, "articles");
            await collection.EnsureCollectionExistsAsync();
            var article = new Article { Text = "t", Vector = new float[] { 1, 2, 3, 4 } };
            await collection.UpsertAsync(article);
            Assert.Equal(round, article.Id);
        }
    }
}
