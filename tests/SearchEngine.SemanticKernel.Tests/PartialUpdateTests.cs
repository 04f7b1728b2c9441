using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Xunit;

namespace SearchEngine.SemanticKernel.Tests;

/// <summary>
/// A record that was read and is written back loses nothing that was not read: vectors, and what another view of the collection stored.
/// </summary>
public sealed class PartialUpdateTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    [Fact]
    public async Task A_record_that_was_read_without_its_vector_keeps_it()
    {
        var collection = await fixture.CreateAsync<string, Item>(Item.Make(1), Item.Make(2));
        var record = (await collection.GetAsync("k1"))!;
        Assert.Equal(0, record.Vector.Length);
        record.Name = null;
        await collection.UpsertAsync(record);
        await AssertVectorAsync(collection, "k1", [1, 2, 3]);
        Assert.Null((await collection.GetAsync("k1"))!.Name);

        // The mark goes with the value into a copy, and a search hit has it too.
        var hit = (await collection.SearchAsync(new float[] { 1, 2, 4 }, 1).SingleAsync()).Record;
        await collection.UpsertAsync(
            new Item
            {
                Id = hit.Id,
                Number = 7,
                Vector = hit.Vector,
            }
        );
        await AssertVectorAsync(collection, "k2", [1, 2, 4]);
    }

    [Fact]
    public async Task A_vector_that_is_given_or_taken_away_is_not_kept()
    {
        var collection = await fixture.CreateAsync<string, Item>(Item.Make(1), Item.Make(2), Item.Make(3));
        var record = (await collection.GetAsync("k1"))!;
        record.Vector = new float[] { 9, 9, 9 };
        await collection.UpsertAsync(record);
        await AssertVectorAsync(collection, "k1", [9, 9, 9]);

        var whole = (await collection.GetAsync("k2", new() { IncludeVectors = true }))!;
        whole.Vector = default;
        await collection.UpsertAsync(whole);
        await AssertVectorAsync(collection, "k2", []);

        await collection.UpsertAsync(new Item { Id = "k3" });
        await AssertVectorAsync(collection, "k3", []);
    }

    [Fact]
    public async Task An_input_that_was_not_read_keeps_the_vector_made_of_it()
    {
        using var generator = new LiteralGenerator();
        await using var store = fixture.NewStore(generator);
        var collection = store.GetCollection<Guid, Note>(fixture.NewName());
        await collection.EnsureCollectionExistsAsync();
        var (kept, changed, removed) = (
            new Note { Text = "kept", Embedding = "[1,2,3]" },
            new Note { Text = "changed", Embedding = "[1,2,4]" },
            new Note { Text = "removed", Embedding = "[1,2,5]" }
        );
        await collection.UpsertAsync([kept, changed, removed]);
        var calls = generator.Calls;

        var records = await collection.GetAsync([kept.Id, changed.Id, removed.Id]).ToListAsync();
        records[0].Text = "edited";
        records[1].Embedding = "[9,9,9]";
        records[2].Embedding = "";
        await collection.UpsertAsync(records);

        Assert.Equal(calls + 1, generator.Calls);
        Assert.Equal("edited", await NearestAsync("[1,2,3]"));
        Assert.Equal("changed", await NearestAsync("[9,9,9]"));
        Assert.Equal(2, await collection.SearchAsync("[1,1,1]", 9).CountAsync());

        async Task<string?> NearestAsync(string vector) => (await collection.SearchAsync(vector, 1).SingleAsync()).Record.Text;
    }

    [Fact]
    public async Task A_dictionary_keeps_a_vector_that_it_does_not_mention()
    {
        var collection = fixture.Store.GetDynamicCollection(fixture.NewName(), Dynamic());
        await collection.EnsureCollectionExistsAsync();
        await collection.UpsertAsync([Make("a"), Make("b")]);
        var kept = (await collection.GetAsync("a"))!;
        var removed = (await collection.GetAsync("b"))!;
        kept["text"] = "edited";
        removed["vector"] = null;
        await collection.UpsertAsync([kept, removed]);
        var options = new RecordRetrievalOptions { IncludeVectors = true };
        var whole = (await collection.GetAsync("a", options))!;
        Assert.Equal([1f, 2f, 3f], ((ReadOnlyMemory<float>)whole["vector"]!).ToArray());
        Assert.Equal("edited", whole["text"]);
        Assert.Null((await collection.GetAsync("b", options))!["vector"]);

        static Dictionary<string, object?> Make(string key) =>
            new()
            {
                ["key"] = key,
                ["text"] = key,
                ["vector"] = new ReadOnlyMemory<float>([1, 2, 3]),
            };
    }

    [Fact]
    public async Task Fields_that_the_model_does_not_have_are_kept()
    {
        var wide = fixture.Store.GetDynamicCollection(fixture.NewName(), Dynamic());
        await wide.EnsureCollectionExistsAsync();
        await wide.UpsertAsync(
            new Dictionary<string, object?>
            {
                ["key"] = "a",
                ["text"] = "text",
                ["other"] = 5,
                ["vector"] = new ReadOnlyMemory<float>([1, 2, 3]),
            }
        );
        var definition = Dynamic();
        definition.Properties.RemoveAt(3);
        definition.Properties.RemoveAt(2);
        var narrow = fixture.Store.GetDynamicCollection(wide.Name, definition);
        await narrow.UpsertAsync([new() { ["key"] = "a" }, new() { ["key"] = "new", ["text"] = "inserted" }]);
        var record = (await wide.GetAsync("a", new() { IncludeVectors = true }))!;
        Assert.Null(record["text"]);
        Assert.Equal(5, record["other"]);
        Assert.Equal([1f, 2f, 3f], ((ReadOnlyMemory<float>)record["vector"]!).ToArray());
        Assert.Equal("inserted", (await wide.GetAsync("new"))!["text"]);
    }

    [Fact]
    public async Task What_was_read_without_vectors_is_not_written_to_where_they_are_not()
    {
        var from = await fixture.CreateAsync<string, Item>(Item.Make(1));
        var to = await fixture.CreateAsync<string, Item>();
        var record = (await from.GetAsync("k1"))!;
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => to.UpsertAsync(record));
        Assert.Contains("'k1'", error.Message);
        Assert.Equal(0, await to.CountAsync());
        await to.UpsertAsync((await from.GetAsync("k1", new() { IncludeVectors = true }))!);
        await AssertVectorAsync(to, "k1", [1, 2, 3]);
    }

    [Fact]
    public async Task Values_without_a_property_are_refused_with_those_there_are()
    {
        var collection = fixture.Store.GetDynamicCollection(fixture.NewName(), Dynamic());
        await collection.EnsureCollectionExistsAsync();
        var record = new Dictionary<string, object?>
        {
            ["key"] = "a",
            ["text"] = "x",
            ["author"] = "somebody",
        };
        var error = await Assert.ThrowsAsync<ArgumentException>(() => collection.UpsertAsync([new() { ["key"] = "b" }, record]));
        Assert.Contains("'author'", error.Message);
        Assert.Contains("key, text, other, vector", error.Message);
        Assert.Null(await collection.GetAsync("b"));
    }

    /// <summary>As an ingestion writer does it: the definition is the first record's, and a later one has more.</summary>
    [Theory]
    [InlineData(2, 2)]
    [InlineData(1024, 0)]
    public async Task A_name_first_seen_later_is_refused_with_its_whole_batch_before_anything_is_embedded(int batchSize, int stored)
    {
        using var generator = new LiteralGenerator();
        var definition = Dynamic();
        definition.Properties[3] = new VectorStoreVectorProperty("vector", typeof(string), 3);
        var collection = new SearchEngineDynamicCollection(
            await fixture.GetDatabaseAsync(),
            fixture.NewName(),
            new SearchEngineCollectionOptions
            {
                Definition = definition,
                EmbeddingGenerator = generator,
                UpsertBatchSize = batchSize,
            }
        );
        await collection.EnsureCollectionExistsAsync();
        var records = Enumerable
            .Range(0, 5)
            .Select(i => new Dictionary<string, object?>
            {
                ["key"] = $"chunk{i}",
                ["text"] = $"text {i}",
                ["vector"] = $"[{i},1,1]",
            })
            .ToList();
        records[3]["page"] = 12;
        var error = await Assert.ThrowsAsync<ArgumentException>(() => collection.UpsertAsync(records));
        Assert.Contains("'chunk3'", error.Message);
        Assert.Contains("'page'", error.Message);
        Assert.Contains("key, text, other, vector", error.Message);
        Assert.Equal(records.Take(stored).Select(r => r["key"]), await collection.ListKeysAsync().Order().ToListAsync());
        Assert.Equal(stored, generator.BatchSizes.Sum());

        records[3].Remove("page");
        await collection.UpsertAsync(records);
        Assert.Equal(5, await collection.CountAsync());
    }

    [Fact]
    public async Task A_wrong_dimension_is_refused_before_the_collection_is_made()
    {
        await using var store = fixture.NewStore(new HashingGenerator(5));
        var collection = store.GetCollection<Guid, Note>(fixture.NewName());
        var error = await Assert.ThrowsAsync<VectorStoreException>(() => collection.EnsureCollectionExistsAsync());
        Assert.Contains("3 dimensions", error.Message);
        Assert.Contains("vectors of 5", error.Message);
        Assert.False(await collection.CollectionExistsAsync());
    }

    private static VectorStoreCollectionDefinition Dynamic() =>
        new()
        {
            Properties =
            [
                new VectorStoreKeyProperty("key", typeof(string)),
                new VectorStoreDataProperty("text", typeof(string)),
                new VectorStoreDataProperty("other", typeof(int?)),
                new VectorStoreVectorProperty("vector", typeof(ReadOnlyMemory<float>), 3),
            ],
        };

    private static async Task AssertVectorAsync(SearchEngineCollection<string, Item> collection, string key, float[] expected) =>
        Assert.Equal(expected, (await collection.GetAsync(key, new() { IncludeVectors = true }))!.Vector.ToArray());
}
