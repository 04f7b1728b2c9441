using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SearchEngine;
using SearchEngine.Embeddings;
using SearchEngine.SemanticKernel;

namespace Microsoft.Extensions.DependencyInjection;

/// <content>Everything in one call.</content>
public static partial class SearchEngineServiceCollectionExtensions
{
    /// <summary>
    /// Registers, as singletons: the <see cref="SearchDatabase"/>, an LLM2Vec embedder (unless the container has an
    /// <c>IEmbeddingGenerator&lt;string, Embedding&lt;float&gt;&gt;</c>, which then is used), the vector store over both, and
    /// <see cref="SearchPlugin"/>. Nothing is opened or loaded before it is resolved.
    /// </summary>
    public static IServiceCollection AddSearchEngine(this IServiceCollection services, Action<SearchEngineOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var builder = services.AddOptions<SearchEngineOptions>();
        if (configure is not null)
            builder.Configure(configure);
        return AddServices(services, builder);
    }

    /// <summary>
    /// As <see cref="AddSearchEngine(IServiceCollection, Action{SearchEngineOptions}?)"/>, with the options of a configuration section.
    /// </summary>
    public static IServiceCollection AddSearchEngine(this IServiceCollection services, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
        return AddServices(services, services.AddOptions<SearchEngineOptions>().Bind(section));
    }

    private static IServiceCollection AddServices(IServiceCollection services, OptionsBuilder<SearchEngineOptions> builder)
    {
        builder
            .Validate(o => !string.IsNullOrWhiteSpace(o.Directory), "SearchEngine: Directory must name the database's directory.")
            .Validate(o => o.MemoryBytes > 0, "SearchEngine: MemoryBytes must be above 0.")
            .Validate(o => o.UpsertBatchSize > 0, "SearchEngine: UpsertBatchSize must be at least 1.")
            .Validate(o => o.HasPossibleWeights, "SearchEngine: VectorWeight and KeywordWeight must be at least 0, and one of them above.")
            .Validate(o => !string.IsNullOrWhiteSpace(o.PluginCollection), "SearchEngine: PluginCollection must name a collection.");

        services.TryAddSingleton<DefaultEmbedder>();
        services.TryAddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(static provider =>
            provider.GetRequiredService<DefaultEmbedder>().Generator
        );
        services.TryAddSingleton<IEmbeddingGenerator>(static provider =>
            provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>()
        );
        services.TryAddSingleton(static provider =>
        {
            var options = Options(provider);
            var generator = provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
            var model = generator.GetService(typeof(Llm2VecEmbeddingGenerator)) as Llm2VecEmbeddingGenerator;
            var databaseOptions = new SearchDatabaseOptions
            {
                Directory = options.Directory,
                Durability = options.Durability,
                MemoryBytes = options.MemoryBytes,
                ReadOnly = options.ReadOnly,
                LoggerFactory = provider.GetService<ILoggerFactory>(),
                Embedder = new EmbedderOptions
                {
                    Generator = generator,
                    QueryGenerator = model?.AsQueryGenerator(),
                    Identity = model?.Fingerprint,
                },
            };

            // On a pool thread, so that a caller's synchronization context cannot deadlock with it.
            return Task.Run(() => SearchDatabase.OpenAsync(databaseOptions)).GetAwaiter().GetResult();
        });
        services.TryAddSingleton(static provider =>
        {
            var options = Options(provider);
            var generator = provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
            return new SearchEngineVectorStore(
                FindDatabase(provider, null),
                ServiceResolution.Complete(
                    provider,
                    null,
                    new SearchEngineVectorStoreOptions
                    {
                        EmbeddingGenerator = generator,
                        Analyzer = options.Analyzer,
                        UpsertBatchSize = options.UpsertBatchSize,
                        Fusion = options.ToFusion(),
                    }
                )
            );
        });
        services.TryAddSingleton<Microsoft.Extensions.VectorData.VectorStore>(static provider =>
            provider.GetRequiredService<SearchEngineVectorStore>()
        );
        services.TryAddSingleton(static provider => new SearchPlugin(
            provider.GetRequiredService<SearchEngineVectorStore>(),
            provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>(),
            new SearchPluginOptions { CollectionName = Options(provider).PluginCollection }
        ));
        return services;
    }

    private static SearchEngineOptions Options(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<SearchEngineOptions>>().Value;
}
