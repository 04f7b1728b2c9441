using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using SearchEngine.Embeddings;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers <see cref="Llm2VecEmbeddingGenerator"/> with a service collection.</summary>
public static partial class Llm2VecServiceCollectionExtensions
{
    /// <summary>The key under which the query generator is registered.</summary>
    public const string QueryKey = "query";

    /// <summary>The key under which the document generator is registered.</summary>
    public const string DocumentKey = "document";

    /// <summary>
    /// Registers one model, loaded at its first use, as <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/> of documents, and again under
    /// the keys "document" and "query" for the two roles.
    /// </summary>
    /// <param name="services">The collection.</param>
    /// <param name="options">How the model is loaded; copied.</param>
    /// <returns>The collection.</returns>
    public static IServiceCollection AddLlm2VecEmbeddingGenerator(this IServiceCollection services, Llm2VecOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrWhiteSpace(options.ModelPath, nameof(options));
        var copy = options with { };
        services.TryAddSingleton(provider => Load(provider, copy));
        services.TryAddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(provider => new RoleEmbeddingGenerator(
            provider.GetRequiredService<Llm2VecEmbeddingGenerator>(),
            EmbeddingRole.Document
        ));
        services.TryAddKeyedSingleton<IEmbeddingGenerator<string, Embedding<float>>>(
            DocumentKey,
            (provider, _) => new RoleEmbeddingGenerator(provider.GetRequiredService<Llm2VecEmbeddingGenerator>(), EmbeddingRole.Document)
        );
        services.TryAddKeyedSingleton(
            QueryKey,
            (provider, _) => provider.GetRequiredService<Llm2VecEmbeddingGenerator>().AsQueryGenerator()
        );
        return services;
    }

    /// <summary>Registers the model of a folder with what the folder says.</summary>
    public static IServiceCollection AddLlm2VecEmbeddingGenerator(this IServiceCollection services, string modelPath) =>
        services.AddLlm2VecEmbeddingGenerator(new Llm2VecOptions { ModelPath = modelPath });

    /// <summary>
    /// Registers one of several models under a key of its own: the document generator under <paramref name="serviceKey"/>, the query
    /// generator under "<paramref name="serviceKey"/>:query".
    /// </summary>
    public static IServiceCollection AddKeyedLlm2VecEmbeddingGenerator(
        this IServiceCollection services,
        string serviceKey,
        Llm2VecOptions options
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(serviceKey);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrWhiteSpace(options.ModelPath, nameof(options));
        var copy = options with { };
        services.TryAddKeyedSingleton(serviceKey, (provider, _) => Load(provider, copy));
        services.TryAddKeyedSingleton<IEmbeddingGenerator<string, Embedding<float>>>(
            serviceKey,
            (provider, _) =>
                new RoleEmbeddingGenerator(provider.GetRequiredKeyedService<Llm2VecEmbeddingGenerator>(serviceKey), EmbeddingRole.Document)
        );
        services.TryAddKeyedSingleton(
            $"{serviceKey}:{QueryKey}",
            (provider, _) => provider.GetRequiredKeyedService<Llm2VecEmbeddingGenerator>(serviceKey).AsQueryGenerator()
        );
        return services;
    }

    private static Llm2VecEmbeddingGenerator Load(IServiceProvider provider, Llm2VecOptions options)
    {
        var generator = Llm2VecEmbeddingGenerator.Load(options);
        if (provider.GetService<ILogger<Llm2VecEmbeddingGenerator>>() is { } logger)
            LogLoaded(logger, generator.ModelId, generator.Compute);
        return generator;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Loaded the embedding model {Model}; it runs on {Compute}")]
    private static partial void LogLoaded(ILogger logger, string model, string compute);
}
