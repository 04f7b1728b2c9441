using Microsoft.Extensions.VectorData;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.Memory;
using Xunit;

namespace SearchEngine.SemanticKernel.Tests;

public sealed class MemoryStoreTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private string Path => _directory.Sub("db");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Semantic_text_memory_saves_searches_removes_and_lists()
    {
        using var store = new SearchEngineMemoryStore(Path);
        var memory = new SemanticTextMemory(store, new HashingGenerator());
        Assert.Empty(await memory.GetCollectionsAsync());
        await memory.SaveInformationAsync("facts", "The cat sleeps on the warm stove", "cat", "about a cat", "extra");
        await memory.SaveInformationAsync("facts", "Trains leave the station at noon", "trains");
        await memory.SaveReferenceAsync("links", "A page about whales", "https://example.com/whales", "web", "whales");
        Assert.Equal(["facts", "links"], (await memory.GetCollectionsAsync()).Order());

        var found = await memory.SearchAsync("facts", "warm cat", limit: 2, minRelevanceScore: 0.1, withEmbeddings: true).ToListAsync();
        Assert.Equal("cat", found[0].Metadata.Id);
        Assert.InRange(found[0].Relevance, 0.4, 1.0);
        Assert.Equal(64, found[0].Embedding!.Value.Length);
        Assert.Equal(
            ("The cat sleeps on the warm stove", "about a cat", "extra"),
            (found[0].Metadata.Text, found[0].Metadata.Description, found[0].Metadata.AdditionalMetadata)
        );
        Assert.Empty(await memory.SearchAsync("facts", "warm cat", limit: 5, minRelevanceScore: 0.999).ToListAsync());
        Assert.Empty(await memory.SearchAsync("never", "warm cat").ToListAsync());

        var reference = await memory.GetAsync("links", "https://example.com/whales");
        Assert.True(reference!.Metadata.IsReference);
        Assert.Equal("web", reference.Metadata.ExternalSourceName);
        await memory.RemoveAsync("facts", "cat");
        await memory.RemoveAsync("facts", "cat");
        Assert.Null(await memory.GetAsync("facts", "cat"));
        Assert.Equal(
            ["trains"],
            await memory.SearchAsync("facts", "warm cat", limit: 5, minRelevanceScore: -1).Select(r => r.Metadata.Id).ToListAsync()
        );
    }

    [Fact]
    public async Task Memories_survive_reopening()
    {
        using (var store = new SearchEngineMemoryStore(Path))
        {
            await new SemanticTextMemory(store, new HashingGenerator()).SaveInformationAsync(
                "facts",
                "water boils at a hundred degrees",
                "water"
            );
        }
        using (var store = new SearchEngineMemoryStore(Path))
        {
            var memory = new SemanticTextMemory(store, new HashingGenerator());
            Assert.Equal("water", (await memory.SearchAsync("facts", "boils water", minRelevanceScore: 0.2).SingleAsync()).Metadata.Id);
        }
    }

    [Fact]
    public async Task Records_keep_timestamps_and_embeddings_and_come_in_batches()
    {
        using var store = new SearchEngineMemoryStore(Path);
        await store.CreateCollectionAsync("c");
        await store.CreateCollectionAsync("c");
        var time = new DateTimeOffset(2024, 5, 6, 7, 8, 9, TimeSpan.FromHours(2));
        var records = Enumerable
            .Range(1, 5)
            .Select(i => MemoryRecord.LocalRecord($"m{i}", $"text {i}", null, new float[] { i, 1 }, timestamp: time))
            .ToList();
        Assert.Equal(["m1", "m2", "m3", "m4", "m5"], await store.UpsertBatchAsync("c", records).ToListAsync());
        var read = await store.GetAsync("c", "m3", withEmbedding: true);
        Assert.Equal(time, read!.Timestamp);
        Assert.Equal([3f, 1f], read.Embedding.ToArray());
        Assert.Equal(0, (await store.GetAsync("c", "m3"))!.Embedding.Length);
        Assert.Equal(["m5", "m1"], await store.GetBatchAsync("c", ["m5", "none", "m1"]).Select(r => r.Metadata.Id).ToListAsync());
        var nearest = await store.GetNearestMatchAsync("c", new float[] { 5, 1 });
        Assert.Equal("m5", nearest!.Value.Item1.Metadata.Id);
        Assert.Equal(1, nearest.Value.Item2, 1e-5);
        await store.RemoveBatchAsync("c", ["m1", "m2"]);
        Assert.Equal(3, await store.GetNearestMatchesAsync("c", new float[] { 1, 1 }, 10).CountAsync());
        await store.DeleteCollectionAsync("c");
        Assert.False(await store.DoesCollectionExistAsync("c"));
    }

    [Fact]
    public async Task Missing_collections_and_other_lengths_are_told()
    {
        using var store = new SearchEngineMemoryStore(Path);
        var record = MemoryRecord.LocalRecord("a", "text", null, new float[] { 1, 2 });
        Assert.Contains("'c'", (await Assert.ThrowsAsync<KernelException>(() => store.UpsertAsync("c", record))).Message);
        await store.CreateCollectionAsync("c");
        Assert.Empty(await store.GetNearestMatchesAsync("c", new float[] { 1, 2 }, 3).ToListAsync());
        await store.UpsertAsync("c", record);
        await Assert.ThrowsAsync<KernelException>(() =>
            store.UpsertAsync("c", MemoryRecord.LocalRecord("b", "t", null, new float[] { 1, 2, 3 }))
        );
        await Assert.ThrowsAsync<KernelException>(() => store.GetNearestMatchAsync("c", new float[] { 1, 2, 3 }));
        Assert.Null(await store.GetAsync("nowhere", "a"));
    }

    [Fact]
    public async Task Memory_and_vector_collections_share_a_database_and_do_not_meet()
    {
        using var store = new SearchEngineVectorStore(Path);
        await store.GetCollection<string, Item>("items").EnsureCollectionExistsAsync();
        using var memory = new SearchEngineMemoryStore(await store.GetDatabaseAsync());
        await memory.CreateCollectionAsync("items");
        Assert.Equal(["items"], await memory.GetCollectionsAsync().ToListAsync());
        Assert.Equal(["items", "memory.items"], await store.ListCollectionNamesAsync().ToListAsync());
    }

    [Fact]
    public async Task The_memory_builder_takes_the_store()
    {
        await using var database = await SearchDatabase.OpenAsync(new SearchDatabaseOptions { Directory = Path });
#pragma warning disable CS0618 // The builder wants the older embedding service.
        var memory = new MemoryBuilder()
            .WithSearchEngineMemoryStore(database)
            .WithTextEmbeddingGeneration(
                Microsoft.SemanticKernel.Embeddings.EmbeddingGenerationExtensions.AsTextEmbeddingGenerationService(new HashingGenerator())
            )
            .Build();
#pragma warning restore CS0618
        await memory.SaveInformationAsync("facts", "snow is white", "snow");
        Assert.True(database.CollectionExists("memory.facts"));
    }
}
