using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SearchEngine.SemanticKernel;

/// <summary>Completes options from the container at the time a store is resolved.</summary>
internal static class ServiceResolution
{
    /// <summary>
    /// The options, with the container's generator and logger factory where they name none. The options given are not changed.
    /// </summary>
    public static SearchEngineVectorStoreOptions Complete(IServiceProvider services, object? key, SearchEngineVectorStoreOptions? options)
    {
        var complete = new SearchEngineVectorStoreOptions(options);
        complete.EmbeddingGenerator ??= FindGenerator(services, key);
        complete.LoggerFactory ??= services.GetService<ILoggerFactory>();
        return complete;
    }

    /// <inheritdoc cref="Complete(IServiceProvider, object?, SearchEngineVectorStoreOptions?)" />
    public static SearchEngineCollectionOptions Complete(IServiceProvider services, object? key, SearchEngineCollectionOptions? options)
    {
        var complete = new SearchEngineCollectionOptions(options);
        complete.EmbeddingGenerator ??= FindGenerator(services, key);
        complete.LoggerFactory ??= services.GetService<ILoggerFactory>();
        return complete;
    }

    private static IEmbeddingGenerator? FindGenerator(IServiceProvider services, object? key)
    {
        if (
            key is not null
            && services is IKeyedServiceProvider keyed
            && keyed.GetKeyedService(typeof(IEmbeddingGenerator), key) is IEmbeddingGenerator own
        )
        {
            return own;
        }
        return services.GetService<IEmbeddingGenerator>() ?? services.GetService<IEmbeddingGenerator<string, Embedding<float>>>();
    }
}
