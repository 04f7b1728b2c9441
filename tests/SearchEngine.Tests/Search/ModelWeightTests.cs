using Microsoft.Extensions.AI;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Search;

/// <summary>The weight of the vectors that an embedding model gives of itself, through whatever wraps its generator.</summary>
public sealed class ModelWeightTests
{
    [Theory]
    [InlineData(null, "vectors")]
    [InlineData(0.0, "words")]
    [InlineData(1.0, "vectors")]
    public async Task A_hybrid_search_weighs_as_the_model_says(double? weight, string first)
    {
        using var directory = new TemporaryDirectory();
        await using var database = await OpenAsync(directory, weight);
        var collection = await FilledAsync(database);
        var hits = await collection.SearchAsync(new SearchRequest { Text = "whale" });
        Assert.Equal(first, hits[0].Key.ToString());
        // What a request says goes before the model's word.
        var asked = new SearchRequest
        {
            Text = "whale",
            Fusion = new FusionOptions { VectorWeight = 1, KeywordWeight = 0 },
        };
        Assert.Equal("vectors", (await collection.SearchAsync(asked))[0].Key.ToString());
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.5)]
    [InlineData(double.NaN)]
    public async Task A_weight_that_is_none_is_refused(double weight)
    {
        using var directory = new TemporaryDirectory();
        await using var database = await OpenAsync(directory, weight);
        var collection = await FilledAsync(database);
        var error = await Assert.ThrowsAsync<ArgumentException>(() => collection.SearchAsync(new SearchRequest { Text = "whale" }));
        Assert.Contains(EmbedderOptions.VectorWeightKey, error.Message);
    }

    private static Task<SearchDatabase> OpenAsync(TemporaryDirectory directory, double? weight) =>
        SearchDatabase.OpenAsync(
            new SearchDatabaseOptions
            {
                Directory = directory.FullPath,
                Durability = DatabaseDurability.None,
                Embedder = new EmbedderOptions { Generator = new Wrapped(new Fixed(weight)) },
            }
        );

    /// <summary>One record that has the word and lies far, one that lies near and lacks it.</summary>
    private static async Task<SearchCollection> FilledAsync(SearchDatabase database)
    {
        var collection = await database.CreateCollectionAsync(
            new CollectionSchema
            {
                Name = "weights",
                Fields = [new DataField("text", DataFieldType.String) { IsFullText = true }],
                Vectors = [new VectorField("vector", 2)],
            }
        );
        await collection.UpsertAsync([
            new Document("words") { ["text"] = "a whale", Vectors = { ["vector"] = new float[] { 1, 1 } } },
            new Document("vectors") { ["text"] = "a ship", Vectors = { ["vector"] = new float[] { 1, 0 } } },
        ]);
        return collection;
    }

    private sealed class Wrapped(IEmbeddingGenerator<string, Embedding<float>> inner)
        : DelegatingEmbeddingGenerator<string, Embedding<float>>(inner);

    /// <summary>Embeds everything as (1, 0).</summary>
    private sealed class Fixed(double? weight) : IEmbeddingGenerator<string, Embedding<float>>
    {
        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
            IEnumerable<string> values,
            EmbeddingGenerationOptions? options = null,
            CancellationToken cancellationToken = default
        ) => Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(values.Select(_ => new Embedding<float>(new float[] { 1, 0 }))));

        public object? GetService(Type serviceType, object? serviceKey = null) =>
            serviceType == typeof(double) && EmbedderOptions.VectorWeightKey.Equals(serviceKey) ? weight : null;

        public void Dispose() { }
    }
}
