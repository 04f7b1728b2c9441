using System.Collections;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Xunit;

namespace SearchEngine.SemanticKernel.Tests;

public sealed class EmbeddingTypeTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    private static readonly float[] Floats = [1, -2, 3.5f];
    private static readonly Half[] Halves = [(Half)1, (Half)(-2), (Half)0.1];
    private static readonly sbyte[] Bytes = [1, -128, 127];

    [Fact]
    public Task Floats_in_memory() => Check(new ReadOnlyMemory<float>(Floats), v => v.ToArray());

    [Fact]
    public async Task Floats_in_nullable_memory()
    {
        var collection = await fixture.CreateDefinedAsync<string, Holder<ReadOnlyMemory<float>?>>(
            Define<ReadOnlyMemory<float>?>(null),
            [new() { Key = "k", Vector = new ReadOnlyMemory<float>(Floats) }, new() { Key = "none" }]
        );
        var options = new RecordRetrievalOptions { IncludeVectors = true };
        Assert.Equal(Floats, (await collection.GetAsync("k", options))!.Vector!.Value.ToArray());
        Assert.Null((await collection.GetAsync("none", options))!.Vector);
        Assert.Equal(["k"], await collection.SearchAsync(Floats, 5).Select(h => h.Record.Key).ToListAsync());
    }

    [Fact]
    public Task Floats_in_an_array() => Check(Floats, v => v);

    [Fact]
    public Task Floats_in_an_embedding() => Check(new Embedding<float>(Floats), v => v.Vector.ToArray());

    [Fact]
    public Task Halves_in_memory() => Check(new ReadOnlyMemory<Half>(Halves), v => v.ToArray());

    [Fact]
    public Task Halves_in_an_array() => Check(Halves, v => v);

    [Fact]
    public Task Halves_in_an_embedding() => Check(new Embedding<Half>(Halves), v => v.Vector.ToArray());

    [Fact]
    public Task Sbytes_in_memory() => Check(new ReadOnlyMemory<sbyte>(Bytes), v => v.ToArray());

    [Fact]
    public Task Sbytes_in_an_array() => Check(Bytes, v => v);

    [Fact]
    public Task Sbytes_in_an_embedding() => Check(new Embedding<sbyte>(Bytes), v => v.Vector.ToArray());

    [Fact]
    public Task Bits() => Check(new BitArray([true, false, true]), v => v.Cast<bool>().ToArray(), DistanceFunction.HammingDistance);

    [Fact]
    public Task Bits_in_an_embedding() =>
        Check(
            new BinaryEmbedding(new BitArray([true, false, true])),
            v => v.Vector.Cast<bool>().ToArray(),
            DistanceFunction.HammingDistance
        );

    [Fact]
    public void Other_types_are_refused() =>
        Assert.Throws<InvalidOperationException>(() => fixture.Store.GetCollection<string, Holder<double[]>>("x", Define<double[]>(null)));

    private static VectorStoreCollectionDefinition Define<T>(string? function) =>
        new()
        {
            Properties =
            [
                new VectorStoreKeyProperty("Key", typeof(string)),
                new VectorStoreVectorProperty("Vector", typeof(T), 3) { DistanceFunction = function },
            ],
        };

    private async Task Check<T>(T vector, Func<T, Array> read, string? function = null)
        where T : notnull
    {
        var collection = await fixture.CreateDefinedAsync<string, Holder<T>>(
            Define<T>(function),
            [new Holder<T> { Key = "k", Vector = vector }]
        );
        var options = new RecordRetrievalOptions { IncludeVectors = true };
        Assert.Equal(read(vector), read((await collection.GetAsync("k", options))!.Vector));
        var hit = await collection.SearchAsync(vector, 1, new() { IncludeVectors = true }).SingleAsync();
        Assert.Equal(read(vector), read(hit.Record.Vector));
        Assert.Equal(function is null ? 1 : 0, hit.Score!.Value, 1e-6);

        var dynamic = fixture.Store.GetDynamicCollection(collection.Name, Define<T>(function));
        Assert.Equal(read(vector), read((T)(await dynamic.GetAsync("k", options))!["Vector"]!));
        await dynamic.UpsertAsync(new Dictionary<string, object?> { ["Key"] = "d", ["Vector"] = vector });
        Assert.Equal(read(vector), read((await collection.GetAsync("d", options))!.Vector));
        Assert.Equal(2, await dynamic.SearchAsync((object)vector, 5).CountAsync());
    }

    public sealed class Holder<T>
    {
        public string Key { get; set; } = "";

        public T Vector { get; set; } = default!;
    }
}
