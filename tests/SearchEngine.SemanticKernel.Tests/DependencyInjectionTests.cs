using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.VectorData;
using Xunit;

namespace SearchEngine.SemanticKernel.Tests;

public sealed class DependencyInjectionTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public static TheoryData<ServiceLifetime, object?> Lifetimes
    {
        get
        {
            var data = new TheoryData<ServiceLifetime, object?>();
            foreach (var lifetime in Enum.GetValues<ServiceLifetime>())
            {
                foreach (var key in new object?[] { null, "key", 8 })
                    data.Add(lifetime, key);
            }

            return data;
        }
    }

    private string Path => _directory.Sub("db");

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Lifetimes))]
    public void Stores_and_collections_come_by_type_and_abstraction_with_their_lifetime(ServiceLifetime lifetime, object? key)
    {
        var services = new ServiceCollection();
        services.AddKeyedSearchEngineVectorStore(key, Path, lifetime: lifetime);
        services.AddKeyedSearchEngineCollection<string, Item>(key, "items", _ => Path, lifetime: lifetime);
        using var provider = services.BuildServiceProvider();
        Check<SearchEngineVectorStore>();
        Check<VectorStore>();
        Check<SearchEngineCollection<string, Item>>();
        Check<VectorStoreCollection<string, Item>>();
        Check<IVectorSearchable<Item>>();
        Check<IKeywordHybridSearchable<Item>>();

        void Check<T>()
            where T : class
        {
            using var one = provider.CreateScope();
            using var two = provider.CreateScope();
            var first = Get<T>(one);
            var second = Get<T>(two);
            Assert.Equal(lifetime == ServiceLifetime.Singleton, ReferenceEquals(first, second));
            Assert.Equal(lifetime != ServiceLifetime.Transient, ReferenceEquals(second, Get<T>(two)));
        }

        T Get<T>(IServiceScope scope)
            where T : class =>
            key is null ? scope.ServiceProvider.GetRequiredService<T>() : scope.ServiceProvider.GetRequiredKeyedService<T>(key);
    }

    [Fact]
    public void The_generator_is_resolved_when_the_store_is()
    {
        var resolved = 0;
        var services = new ServiceCollection();
        services.AddSingleton<IEmbeddingGenerator>(_ =>
        {
            resolved++;
            return new LiteralGenerator();
        });
        services.AddSearchEngineCollection<Guid, Note>("notes", Path);
        Assert.Equal(0, resolved);
        using var provider = services.BuildServiceProvider();
        Assert.NotNull(provider.GetRequiredService<VectorStoreCollection<Guid, Note>>());
        Assert.Equal(1, resolved);
    }

    [Fact]
    public async Task The_generator_of_the_same_key_goes_first_and_options_before_both()
    {
        var services = new ServiceCollection();
        services.AddSingleton<IEmbeddingGenerator>(new LiteralGenerator(1));
        services.AddKeyedSingleton<IEmbeddingGenerator>("k", new LiteralGenerator(2));
        services.AddSearchEngineVectorStore(Path);
        services.AddKeyedSearchEngineVectorStore("k", Path);
        services.AddKeyedSearchEngineVectorStore(
            "own",
            Path,
            new SearchEngineVectorStoreOptions { EmbeddingGenerator = new LiteralGenerator(3) }
        );
        await using var provider = services.BuildServiceProvider();
        var plain = provider.GetRequiredService<VectorStore>().GetCollection<Guid, Note>("notes");
        await plain.EnsureCollectionExistsAsync();
        foreach (
            var (store, text) in new[]
            {
                (provider.GetRequiredService<VectorStore>(), "1"),
                (provider.GetRequiredKeyedService<VectorStore>("k"), "2"),
                (provider.GetRequiredKeyedService<VectorStore>("own"), "3"),
            }
        )
        {
            await store.GetCollection<Guid, Note>("notes").UpsertAsync(new Note { Text = text, Embedding = "[1,1,0]" });
            Assert.Equal(text, (await plain.SearchAsync(new float[] { 1, 1, int.Parse(text) }, 1).SingleAsync()).Record.Text);
        }
    }

    [Fact]
    public async Task Scopes_come_and_go_over_one_database()
    {
        var services = new ServiceCollection();
        services.AddSearchEngineVectorStore(Path, lifetime: ServiceLifetime.Scoped);
        await using var provider = services.BuildServiceProvider();
        for (var i = 1; i <= 3; i++)
        {
            await using var scope = provider.CreateAsyncScope();
            var items = scope.ServiceProvider.GetRequiredService<VectorStore>().GetCollection<string, Item>("items");
            await items.EnsureCollectionExistsAsync();
            await items.UpsertAsync(Item.Make(i));
            Assert.Equal(i, await items.GetAsync(r => true, 10).CountAsync());
        }

        Assert.Equal(0, DatabaseRegistry.CountReferences(Path));
    }

    [Fact]
    public void Arguments_are_checked_at_registration()
    {
        IServiceCollection none = null!;
        var services = new ServiceCollection();
        Assert.Throws<ArgumentNullException>(() => none.AddSearchEngineVectorStore(Path));
        Assert.Throws<ArgumentNullException>(() => none.AddKeyedSearchEngineVectorStore("k", Path));
        Assert.Throws<ArgumentNullException>(() => none.AddSearchEngineCollection<string, Item>("n", Path));
        Assert.Throws<ArgumentNullException>(() => none.AddSearchEngine());
        Assert.Throws<ArgumentNullException>(() => services.AddSearchEngineCollection<string, Item>(null!, Path));
        Assert.Throws<ArgumentException>(() => services.AddSearchEngineCollection<string, Item>("", Path));
        Assert.Throws<ArgumentException>(() => services.AddSearchEngineVectorStore(""));
    }

    [Fact]
    public async Task One_call_wires_database_store_and_plugin_from_configuration()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(
                new Dictionary<string, string?>
                {
                    ["SearchEngine:Directory"] = Path,
                    ["SearchEngine:Durability"] = "None",
                    ["SearchEngine:KeywordWeight"] = "2.5",
                    ["SearchEngine:PluginCollection"] = "facts",
                }
            )
            .Build();
        var services = new ServiceCollection();
        services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(new HashingGenerator());
        services.AddSearchEngine(configuration.GetSection(SearchEngineOptions.SectionName));
        await using var provider = services.BuildServiceProvider();
        Assert.Equal(2.5, provider.GetRequiredService<IOptions<SearchEngineOptions>>().Value.KeywordWeight);
        var database = provider.GetRequiredService<SearchDatabase>();
        Assert.Equal(DatabaseDurability.None, database.Options.Durability);
        var plugin = provider.GetRequiredService<SearchPlugin>();
        await plugin.IngestTextAsync("The harbour of Valparaíso has forty-two hills.", "Valparaíso");
        Assert.Equal("Valparaíso", Assert.Single(await plugin.SearchAsync("hills harbour")).Title);
        Assert.True(database.CollectionExists("facts"));
        Assert.Same(provider.GetRequiredService<VectorStore>(), provider.GetRequiredService<SearchEngineVectorStore>());
    }

    [Theory]
    [InlineData(FusionMethod.RelativeScore, 0.999, 1.001)]
    [InlineData(FusionMethod.ReciprocalRank, 0.01, 0.04)]
    public async Task The_fusion_that_is_set_is_the_one_that_searches_use(FusionMethod fusion, double least, double most)
    {
        var services = new ServiceCollection();
        services.AddSearchEngine(o =>
        {
            o.Directory = Path;
            o.Fusion = fusion;
        });
        await using var provider = services.BuildServiceProvider();
        var plugin = provider.GetRequiredService<SearchPlugin>();
        await plugin.IngestTextAsync("The harbour of Valparaíso has forty-two hills.", "Valparaíso");
        await plugin.IngestTextAsync("Bread is baked from flour and water.", "Bread");
        var best = (await plugin.SearchAsync("hills of the harbour"))[0];
        Assert.Equal("Valparaíso", best.Title);
        Assert.InRange(best.Score, least, most);
    }

    [Fact]
    public void Wrong_options_are_named()
    {
        var services = new ServiceCollection();
        services.AddSearchEngine(o => o.UpsertBatchSize = 0);
        using var provider = services.BuildServiceProvider();
        Assert.Contains(
            "UpsertBatchSize",
            Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<SearchEngineOptions>>().Value).Message
        );
    }
}
