using Microsoft.Extensions.VectorData;
using Xunit;

namespace SearchEngine.SemanticKernel.Tests;

public sealed class DynamicModelTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    private static VectorStoreCollectionDefinition Definition =>
        new()
        {
            Properties =
            [
                new VectorStoreKeyProperty("key", typeof(Guid)),
                new VectorStoreDataProperty("text", typeof(string)) { IsIndexed = true },
                new VectorStoreDataProperty("number", typeof(int?)) { IsIndexed = true },
                new VectorStoreDataProperty("tags", typeof(List<string>)),
                new VectorStoreVectorProperty("vector", typeof(ReadOnlyMemory<float>), 3),
            ],
        };

    [Fact]
    public async Task Dictionaries_round_trip()
    {
        var collection = await CreateAsync();
        var key = Guid.NewGuid();
        var record = Make(key, "foo", 1, [1, 2, 3]);
        record["tags"] = new List<string> { "a", "b" };
        await collection.UpsertAsync(record);

        var bare = await collection.GetAsync(key);
        Assert.Equal(key, Assert.IsType<Guid>(bare!["key"]));
        Assert.Equal("foo", bare["text"]);
        Assert.Equal(1, Assert.IsType<int>(bare["number"]));
        Assert.Equal(["a", "b"], Assert.IsType<List<string>>(bare["tags"]));
        Assert.False(bare.ContainsKey("vector"));

        var full = await collection.GetAsync(key, new() { IncludeVectors = true });
        Assert.Equal([1f, 2f, 3f], ((ReadOnlyMemory<float>)full!["vector"]!).ToArray());
    }

    [Fact]
    public async Task Absent_and_null_values_come_back_as_null()
    {
        var collection = await CreateAsync();
        var key = Guid.NewGuid();
        await collection.UpsertAsync(new Dictionary<string, object?> { ["key"] = key, ["text"] = null });
        var record = await collection.GetAsync(key, new() { IncludeVectors = true });
        foreach (var name in new[] { "text", "number", "tags", "vector" })
        {
            Assert.True(record!.ContainsKey(name));
            Assert.Null(record[name]);
        }
    }

    [Fact]
    public async Task Keys_are_generated_into_the_dictionary()
    {
        var collection = await CreateAsync();
        var record = new Dictionary<string, object?> { ["text"] = "x", ["vector"] = new ReadOnlyMemory<float>([1, 1, 1]) };
        await collection.UpsertAsync(record);
        Assert.NotEqual(Guid.Empty, Assert.IsType<Guid>(record["key"]));
        Assert.Equal("x", (await collection.GetAsync(record["key"]!))!["text"]);
    }

    [Fact]
    public async Task Wrong_value_and_key_types_are_refused()
    {
        var collection = await CreateAsync();
        await Assert.ThrowsAsync<InvalidCastException>(() =>
            collection.UpsertAsync(Make(Guid.NewGuid(), "a", 1, [1, 2, 3], number: "one"))
        );
        await Assert.ThrowsAsync<ArgumentException>(() => collection.GetAsync("text"));
        await Assert.ThrowsAsync<ArgumentNullException>(() => collection.GetAsync((object)null!));
    }

    [Fact]
    public async Task Filters_and_orders_use_the_indexer()
    {
        var collection = await CreateAsync();
        await collection.UpsertAsync([.. Enumerable.Range(1, 5).Select(i => Make(Guid.NewGuid(), $"t{i % 2}", i, [1, 2, i]))]);
        const string Number = "number";
        var name = "text";
        var numbers = await collection
            .GetAsync(r => (int?)r[Number] > 1 && (string?)r[name] == "t1", 10, new() { OrderBy = o => o.Descending(r => r[Number]) })
            .Select(r => r[Number])
            .ToListAsync();
        Assert.Equal([5, 3], numbers);
        var hit = await collection
            .SearchAsync(new ReadOnlyMemory<float>([1, 2, 4]), 1, new() { Filter = r => (int)r[Number]! == 2 })
            .SingleAsync();
        Assert.Equal(2, hit.Record[Number]);
    }

    [Fact]
    public async Task The_same_collection_is_read_typed_and_dynamically()
    {
        var typed = await fixture.CreateAsync<string, Item>(Item.Make(1, "one"));
        var dynamic = fixture.Store.GetDynamicCollection(
            typed.Name,
            new VectorStoreCollectionDefinition
            {
                Properties =
                [
                    new VectorStoreKeyProperty("TheKey", typeof(string)),
                    new VectorStoreDataProperty("TheNumber", typeof(int)) { StorageName = "item_number", IsIndexed = true },
                    new VectorStoreVectorProperty("TheVector", typeof(Half[]), 3) { StorageName = "item_vector" },
                ],
            }
        );
        await dynamic.EnsureCollectionExistsAsync();
        var record = await dynamic.GetAsync("k1", new() { IncludeVectors = true });
        Assert.Equal(1, record!["TheNumber"]);
        Assert.Equal([(Half)1, (Half)2, (Half)3], Assert.IsType<Half[]>(record["TheVector"]));
    }

    private static Dictionary<string, object?> Make(Guid key, string text, int value, float[] vector, object? number = null) =>
        new()
        {
            ["key"] = key,
            ["text"] = text,
            ["number"] = number ?? value,
            ["vector"] = new ReadOnlyMemory<float>(vector),
        };

    private async Task<SearchEngineDynamicCollection> CreateAsync()
    {
        var collection = fixture.Store.GetDynamicCollection(fixture.NewName(), Definition);
        await collection.EnsureCollectionExistsAsync();
        return collection;
    }
}
