using Microsoft.Extensions.VectorData;
using Xunit;

namespace SearchEngine.SemanticKernel.Tests;

public sealed class BasicModelTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    private static readonly Item[] Items = [Item.Make(1, "foo"), Item.Make(2, "bar"), Item.Make(3, "foo")];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Records_come_back_by_key_with_or_without_vectors(bool includeVectors)
    {
        var collection = await fixture.CreateAsync<string, Item>(Items);
        var options = new RecordRetrievalOptions { IncludeVectors = includeVectors };
        AssertSame(Items[1], await collection.GetAsync("k2", options), includeVectors);
        var several = await collection.GetAsync(["k3", "missing", "k1"], options).ToListAsync();
        Assert.Equal(["k3", "k1"], several.Select(r => r.Id));
        AssertSame(Items[2], several[0], includeVectors);
        AssertSame(
            Items[0],
            Assert.Single(await collection.GetAsync(r => r.Number == 1, 2, new() { IncludeVectors = includeVectors }).ToListAsync()),
            includeVectors
        );
        AssertSame(
            Items[2],
            (await collection.SearchAsync(Items[2].Vector, 1, new() { IncludeVectors = includeVectors }).SingleAsync()).Record,
            includeVectors
        );
    }

    [Fact]
    public async Task Missing_keys_are_null_or_left_out()
    {
        var collection = await fixture.CreateAsync<string, Item>(Items);
        Assert.Null(await collection.GetAsync("nothing"));
        Assert.Empty(await collection.GetAsync(["nothing"]).ToListAsync());
        Assert.Empty(await collection.GetAsync(Array.Empty<string>()).ToListAsync());
    }

    [Fact]
    public async Task Null_arguments_are_named()
    {
        var collection = await fixture.CreateAsync<string, Item>();
        Assert.Equal("key", (await Assert.ThrowsAsync<ArgumentNullException>(() => collection.GetAsync((string)null!))).ParamName);
        Assert.Equal(
            "keys",
            (await Assert.ThrowsAsync<ArgumentNullException>(() => collection.GetAsync(keys: null!).ToListAsync().AsTask())).ParamName
        );
        Assert.Equal("keys", (await Assert.ThrowsAsync<ArgumentNullException>(() => collection.DeleteAsync(keys: null!))).ParamName);
        Assert.Equal("records", (await Assert.ThrowsAsync<ArgumentNullException>(() => collection.UpsertAsync(records: null!))).ParamName);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => collection.GetAsync(r => true, 0).ToListAsync().AsTask());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => collection.SearchAsync(Items[0].Vector, 0).ToListAsync().AsTask());
    }

    [Fact]
    public async Task Upsert_inserts_updates_and_does_both_in_one_batch()
    {
        var collection = await fixture.CreateAsync<string, Item>(Items);
        var updated = new Item
        {
            Id = "k1",
            Number = 100,
            Name = null,
            Vector = new float[] { 9, 9, 9 },
        };
        await collection.UpsertAsync([updated, Item.Make(4)]);
        AssertSame(updated, await collection.GetAsync("k1", new() { IncludeVectors = true }), true);
        Assert.Equal(4, await collection.CountAsync());
        await collection.UpsertAsync(Array.Empty<Item>());
        Assert.Equal(4, await collection.CountAsync());
        Assert.Equal("k1", (await collection.SearchAsync(updated.Vector, 1).SingleAsync()).Record.Id);
    }

    [Fact]
    public async Task The_last_of_a_key_in_a_batch_wins()
    {
        var collection = await fixture.CreateAsync<string, Item>();
        await collection.UpsertAsync([Item.Make(1, "first"), Item.Make(1, "second")]);
        Assert.Equal(1, await collection.CountAsync());
        Assert.Equal("second", (await collection.GetAsync("k1"))!.Name);
    }

    [Fact]
    public async Task Deletion_takes_records_out_of_everything_and_may_be_repeated()
    {
        var collection = await fixture.CreateAsync<string, Item>(Items);
        await collection.DeleteAsync("k1");
        await collection.DeleteAsync("k1");
        await collection.DeleteAsync(["k1", "k2", "never"]);
        await collection.DeleteAsync(Array.Empty<string>());
        Assert.Equal(["k3"], await collection.SearchAsync(Items[0].Vector, 10).Select(r => r.Record.Id).ToListAsync());
        Assert.Equal(["k3"], await collection.GetAsync(r => true, 10).Select(r => r.Id).ToListAsync());
    }

    [Fact]
    public async Task Search_skips_filters_and_orders_by_similarity()
    {
        var collection = await fixture.CreateAsync<string, Item>(Items);
        Assert.Equal(["k1", "k2", "k3"], await collection.SearchAsync(Items[0].Vector, 10).Select(r => r.Record.Id).ToListAsync());
        Assert.Equal(["k2"], await collection.SearchAsync(Items[0].Vector, 1, new() { Skip = 1 }).Select(r => r.Record.Id).ToListAsync());
        Assert.Equal(
            ["k3"],
            await collection.SearchAsync(Items[0].Vector, 3, new() { Filter = r => r.Number > 2 }).Select(r => r.Record.Id).ToListAsync()
        );
        Assert.Empty(await collection.SearchAsync(Items[0].Vector, 3, new() { Skip = 3 }).ToListAsync());
    }

    [Fact]
    public async Task Records_are_ordered_by_one_or_several_properties()
    {
        var collection = await fixture.CreateAsync<string, Item>(Items);
        Assert.Equal(
            [3, 2, 1],
            await collection
                .GetAsync(r => true, 9, new() { OrderBy = o => o.Descending(r => r.Number) })
                .Select(r => r.Number)
                .ToListAsync()
        );
        Assert.Equal(
            [1, 3, 2],
            await collection
                .GetAsync(r => true, 9, new() { OrderBy = o => o.Descending(r => r.Name).Ascending(r => r.Number) })
                .Select(r => r.Number)
                .ToListAsync()
        );
        Assert.Equal(
            [3, 1, 2],
            await collection
                .GetAsync(r => true, 9, new() { OrderBy = o => o.Descending(r => r.Name).Descending(r => r.Number) })
                .Select(r => r.Number)
                .ToListAsync()
        );
        Assert.Equal(
            [2],
            await collection
                .GetAsync(r => true, 1, new() { Skip = 1, OrderBy = o => o.Ascending(r => r.Id) })
                .Select(r => r.Number)
                .ToListAsync()
        );
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            collection.GetAsync(r => true, 1, new() { OrderBy = o => o.Ascending(r => r.Vector) }).ToListAsync().AsTask()
        );
    }

    [Fact]
    public async Task Paging_without_an_order_sees_each_record_once()
    {
        var collection = await fixture.CreateAsync<string, Item>(Enumerable.Range(0, 57).Select(i => Item.Make(i)));
        var seen = new List<string>();
        for (var skip = 0; ; skip += 10)
        {
            var page = await collection.GetAsync(r => r.Number >= 0, 10, new() { Skip = skip }).Select(r => r.Id).ToListAsync();
            if (page.Count == 0)
                break;
            seen.AddRange(page);
        }

        Assert.Equal(57, seen.Count);
        Assert.Equal(57, seen.Distinct().Count());
    }

    [Fact]
    public async Task A_vector_of_the_wrong_length_is_refused_by_name()
    {
        var collection = await fixture.CreateAsync<string, Item>();
        var bad = Item.Make(1);
        bad.Vector = new float[] { 1, 2 };
        var exception = await Assert.ThrowsAsync<ArgumentException>(() => collection.UpsertAsync(bad));
        Assert.Contains("'Vector'", exception.Message);
        Assert.Contains("k1", exception.Message);
        Assert.Equal(0, await collection.CountAsync());
        await Assert.ThrowsAsync<ArgumentException>(() => collection.SearchAsync(new ReadOnlyMemory<float>([1]), 1).ToListAsync().AsTask());
    }

    [Fact]
    public async Task A_record_without_a_vector_is_stored_and_never_found_by_vector()
    {
        var lone = Item.Make(7);
        lone.Vector = default;
        var collection = await fixture.CreateAsync<string, Item>(lone, Item.Make(8));
        Assert.Equal(["k8"], await collection.SearchAsync(new ReadOnlyMemory<float>([1, 2, 3]), 10).Select(r => r.Record.Id).ToListAsync());
        Assert.Equal(0, (await collection.GetAsync("k7", new() { IncludeVectors = true }))!.Vector.Length);
        Assert.Equal(2, await collection.CountAsync());
    }

    [Fact]
    public async Task Storage_names_reach_the_schema()
    {
        var collection = await fixture.CreateAsync<string, Item>();
        var schema = await fixture.SchemaOfAsync(collection.Name);
        Assert.True(schema.FindField("item_number")!.IsFilterable);
        Assert.NotNull(schema.FindVector("item_vector"));
        Assert.Null(schema.FindField("Number"));
    }

    private static void AssertSame(Item expected, Item? actual, bool includeVectors)
    {
        Assert.NotNull(actual);
        Assert.Equal((expected.Id, expected.Number, expected.Name), (actual.Id, actual.Number, actual.Name));
        Assert.Equal(includeVectors ? expected.Vector.ToArray() : [], actual.Vector.ToArray());
    }
}
