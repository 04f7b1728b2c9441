using Microsoft.Extensions.VectorData;
using Xunit;

namespace SearchEngine.SemanticKernel.Tests;

public sealed class ModelShapeTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    [Fact]
    public async Task Several_vectors_are_searched_by_name()
    {
        var collection = await fixture.CreateAsync<int, TwoVectors>(
            new()
            {
                Key = 1,
                First = new float[] { 1, 2, 3 },
                Second = new float[] { 1, 0 },
            },
            new()
            {
                Key = 2,
                First = new float[] { 1, 2, 5 },
                Second = new float[] { 0, 1 },
            }
        );
        var hit = await collection
            .SearchAsync(new float[] { 1, 2, 3 }, 1, new() { VectorProperty = r => r.First, IncludeVectors = true })
            .SingleAsync();
        Assert.Equal((1, 1f), (hit.Record.Key, hit.Record.Second.Span[0]));
        Assert.Equal(
            2,
            (await collection.SearchAsync(new float[] { 0, 1 }, 1, new() { VectorProperty = r => r.Second }).SingleAsync()).Record.Key
        );
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            collection.SearchAsync(new float[] { 1, 2, 3 }, 1).ToListAsync().AsTask()
        );
        Assert.Equal(
            "The 'TwoVectors' type has multiple vector properties, please specify your chosen property via options.",
            exception.Message
        );
    }

    [Fact]
    public async Task A_record_may_be_all_vector_or_none()
    {
        var bare = await fixture.CreateAsync<string, OnlyVector>(new OnlyVector { Key = "a", Vector = new float[] { 1, 2 } });
        var record = await bare.GetAsync("a", new() { IncludeVectors = true });
        Assert.Equal([1f, 2f], record!.Vector.ToArray());
        Assert.Equal("a", (await bare.SearchAsync(new float[] { 1, 2 }, 1).SingleAsync()).Record.Key);

        var flat = await fixture.CreateAsync<string, OnlyData>(
            new OnlyData { Key = "a", Text = "foo" },
            new OnlyData { Key = "b", Text = "bar" }
        );
        Assert.Equal("foo", (await flat.GetAsync("a", new() { IncludeVectors = true }))!.Text);
        Assert.Equal("b", (await flat.GetAsync(r => r.Text == "bar", 3).SingleAsync()).Key);
        await Assert.ThrowsAsync<InvalidOperationException>(() => flat.SearchAsync(new float[] { 1 }, 1).ToListAsync().AsTask());
    }

    [Fact]
    public void Broken_models_are_refused()
    {
        Assert.Throws<NotSupportedException>(() => fixture.Store.GetCollection<string, NoKey>("x"));
        Assert.Throws<NotSupportedException>(() =>
            fixture.Store.GetDynamicCollection("x", new() { Properties = [new VectorStoreDataProperty("a", typeof(string))] })
        );
        Assert.Throws<NotSupportedException>(() =>
            fixture.Store.GetDynamicCollection(
                "x",
                new()
                {
                    Properties =
                    [
                        new VectorStoreKeyProperty("k", typeof(string)),
                        new VectorStoreDataProperty("n", typeof(int)) { IsFullTextIndexed = true },
                    ],
                }
            )
        );
        Assert.Throws<InvalidOperationException>(() =>
            fixture.Store.GetDynamicCollection(
                "x",
                new()
                {
                    Properties =
                    [
                        new VectorStoreKeyProperty("k", typeof(string)),
                        new VectorStoreDataProperty("a", typeof(int)) { StorageName = "same" },
                        new VectorStoreDataProperty("b", typeof(int)) { StorageName = "same" },
                    ],
                }
            )
        );
    }

    [Fact]
    public async Task Full_text_boost_and_analyzer_reach_the_schema()
    {
        var definition = new VectorStoreCollectionDefinition
        {
            Properties =
            [
                new VectorStoreKeyProperty("k", typeof(string)),
                new VectorStoreDataProperty("title", typeof(string)) { IsFullTextIndexed = true }.WithBoost(3),
                new VectorStoreDataProperty("tags", typeof(List<string>)) { IsFullTextIndexed = true, IsIndexed = true },
            ],
        };
        using var collection = new SearchEngineDynamicCollection(
            await fixture.GetDatabaseAsync(),
            fixture.NewName(),
            new SearchEngineCollectionOptions { Definition = definition, Analyzer = "standard" }
        );
        await collection.EnsureCollectionExistsAsync();
        var schema = await fixture.SchemaOfAsync(collection.Name);
        Assert.Equal("standard", schema.Analyzer);
        Assert.Equal(3, schema.FindField("title")!.Boost);
        Assert.True(schema.FindField("tags") is { IsList: true, IsFullText: true, IsFilterable: true });
    }

    public sealed class TwoVectors
    {
        [VectorStoreKey]
        public int Key { get; set; }

        [VectorStoreVector(3)]
        public ReadOnlyMemory<float> First { get; set; }

        [VectorStoreVector(2)]
        public ReadOnlyMemory<float> Second { get; set; }
    }

    public sealed class OnlyVector
    {
        [VectorStoreKey]
        public string Key { get; set; } = "";

        [VectorStoreVector(2)]
        public ReadOnlyMemory<float> Vector { get; set; }
    }

    public sealed class OnlyData
    {
        [VectorStoreKey]
        public string Key { get; set; } = "";

        [VectorStoreData]
        public string? Text { get; set; }
    }

    public sealed class NoKey
    {
        [VectorStoreData]
        public string? Text { get; set; }
    }
}
