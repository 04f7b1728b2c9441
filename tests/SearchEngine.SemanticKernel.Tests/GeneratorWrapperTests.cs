using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.VectorData;
using SearchEngine.Embeddings;
using Xunit;

namespace SearchEngine.SemanticKernel.Tests;

/// <summary>
/// Microsoft.Extensions.AI's wrappers around the shipped model's generator: the model behind them is known, so what is embedded, how
/// queries are embedded and which collections are refused does not change.
/// </summary>
public sealed class GeneratorWrapperTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    [Theory]
    [InlineData("none")]
    [InlineData("telemetry")]
    [InlineData("cache")]
    [InlineData("rate limit")]
    [InlineData("all")]
    public async Task A_wrapped_generator_is_the_model_that_it_wraps(string wrapping)
    {
        using var model = Llm2VecEmbeddingGenerator.Load(DefaultModel.Find());
        var wrapped = Wrap(model, wrapping);
        var name = fixture.NewName();
        await using (var store = fixture.NewStore(model))
        {
            var collection = store.GetCollection<string, Passage>(name);
            await collection.EnsureCollectionExistsAsync();
            await collection.UpsertAsync(Passage.All);
        }

        await using (var store = fixture.NewStore(wrapped))
        {
            // The collection remembers the model's fingerprint: the wrapped one is not refused.
            var collection = store.GetCollection<string, Passage>(name);
            await collection.EnsureCollectionExistsAsync();
            await collection.UpsertAsync(Passage.All);
            foreach (var passage in Passage.All)
            {
                var query = (await model.AsQueryGenerator().GenerateVectorAsync(passage.Text)).ToArray();
                var expected = await collection.SearchAsync(query, 3).ToListAsync();
                var found = await collection.SearchAsync(passage.Text, 3).ToListAsync();
                Assert.Equal(expected.Select(hit => hit.Record.Id), found.Select(hit => hit.Record.Id));
                Assert.Equal(expected[0].Score!.Value, found[0].Score!.Value, 1e-5);
            }
        }
    }

    /// <summary>
    /// Fusion is by the model's own record. This one records a weight that is not the default, so that a path that does not find the record
    /// gives other scores (and, on these passages, another order).
    /// </summary>
    [Theory]
    [InlineData("telemetry")]
    [InlineData("cache")]
    [InlineData("rate limit")]
    [InlineData("all")]
    public async Task A_hybrid_search_gives_the_same_scores_and_order_whatever_wraps_the_model(string wrapping)
    {
        using var model = Llm2VecEmbeddingGenerator.Load(DefaultModel.Find());
        using var weighed = new Weighed(model, 0.02);
        var expected = await HybridAsync(fixture.NewStore(weighed));
        Assert.Equal("volcano", expected[0].Id);
        Assert.NotEqual(expected, await HybridAsync(fixture.NewStore(model)));
        Assert.Equal(expected, await HybridAsync(fixture.NewStore(Wrap(weighed, wrapping))));

        // A program's own registration, of the same wrapped generator.
        using var folder = new TempDirectory();
        var services = new ServiceCollection();
        services.AddEmbeddingGenerator(Wrap(weighed, wrapping));
        services.AddSearchEngine(options => options.Directory = folder.Sub("db"));
        await using var provider = services.BuildServiceProvider();
        Assert.Equal(expected, await HybridAsync(provider.GetRequiredService<SearchEngineVectorStore>()));
    }

    private async Task<List<(string Id, double Score)>> HybridAsync(SearchEngineVectorStore store)
    {
        await using (store)
        {
            var collection = store.GetCollection<string, Passage>(fixture.NewName());
            await collection.EnsureCollectionExistsAsync();
            await collection.UpsertAsync(Passage.All);
            var hits = await ((IKeywordHybridSearchable<Passage>)collection)
                .HybridSearchAsync("how do I get a crisp crust on my bread", ["plates", "crust"], 3)
                .ToListAsync();
            return [.. hits.Select(hit => (hit.Record.Id, hit.Score!.Value))];
        }
    }

    private static IEmbeddingGenerator<string, Embedding<float>> Wrap(IEmbeddingGenerator<string, Embedding<float>> model, string wrapping)
    {
        var builder = new EmbeddingGeneratorBuilder<string, Embedding<float>>(model);
        if (wrapping is "telemetry" or "all")
            builder.UseOpenTelemetry();
        if (wrapping is "cache" or "all")
            builder.UseDistributedCache(new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions())));
        if (wrapping is "rate limit" or "all")
            builder.Use(inner => new OneAtATime(inner));
        return builder.Build();
    }

    private sealed class Passage
    {
        public static Passage[] All { get; } =
        [
            new() { Id = "bread", Text = "The cast iron pot keeps the steam in while the loaf bakes." },
            new() { Id = "heart", Text = "The heart pumps blood through the vessels of the body." },
            new() { Id = "volcano", Text = "Volcanoes erupt where the plates of the crust drift apart." },
        ];

        [VectorStoreKey]
        public string Id { get; set; } = "";

        [VectorStoreData(IsFullTextIndexed = true)]
        public string Text { get; set; } = "";

        [VectorStoreVector(384)]
        public string Embedding => Text;
    }

    /// <summary>A model that records another weight of its vectors.</summary>
    private sealed class Weighed(IEmbeddingGenerator<string, Embedding<float>> inner, double weight)
        : DelegatingEmbeddingGenerator<string, Embedding<float>>(inner)
    {
        public override object? GetService(Type serviceType, object? serviceKey = null) =>
            serviceType == typeof(double) && serviceKey is EmbedderOptions.VectorWeightKey
                ? weight
                : base.GetService(serviceType, serviceKey);
    }

    /// <summary>A rate limit as programs write it.</summary>
    private sealed class OneAtATime(IEmbeddingGenerator<string, Embedding<float>> inner)
        : DelegatingEmbeddingGenerator<string, Embedding<float>>(inner)
    {
        private readonly SemaphoreSlim _gate = new(1);

        public override async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
            IEnumerable<string> values,
            EmbeddingGenerationOptions? options = null,
            CancellationToken cancellationToken = default
        )
        {
            await _gate.WaitAsync(cancellationToken);
            try
            {
                return await base.GenerateAsync(values, options, cancellationToken);
            }
            finally
            {
                _gate.Release();
            }
        }
    }
}
