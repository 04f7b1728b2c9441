using Microsoft.Extensions.VectorData;
using SearchEngine;
using SearchEngine.SemanticKernel;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Registers SearchEngine vector stores and collections. Each comes as its own type and by the abstractions that it implements. The
/// embedding
/// generator is the options' own, else the container's <c>IEmbeddingGenerator</c> (of the same key first), resolved when the store is.
/// </summary>
public static partial class SearchEngineServiceCollectionExtensions
{
    /// <summary>
    /// Registers a vector store on a database directory, as <see cref="SearchEngineVectorStore"/> and <see cref="VectorStore"/>.
    /// </summary>
    public static IServiceCollection AddSearchEngineVectorStore(
        this IServiceCollection services,
        string directory,
        SearchEngineVectorStoreOptions? options = null,
        ServiceLifetime lifetime = ServiceLifetime.Singleton
    ) => AddKeyedSearchEngineVectorStore(services, null, directory, options, lifetime);

    /// <summary>
    /// Registers a vector store on a database directory that the container's other services tell, for instance configuration.
    /// </summary>
    public static IServiceCollection AddSearchEngineVectorStore(
        this IServiceCollection services,
        Func<IServiceProvider, string> directoryProvider,
        Func<IServiceProvider, SearchEngineVectorStoreOptions?>? optionsProvider = null,
        ServiceLifetime lifetime = ServiceLifetime.Singleton
    ) => AddKeyedSearchEngineVectorStore(services, null, directoryProvider, optionsProvider, lifetime);

    /// <summary>Registers a vector store on the container's <see cref="SearchDatabase"/>, which the store does not dispose.</summary>
    public static IServiceCollection AddSearchEngineVectorStore(
        this IServiceCollection services,
        SearchEngineVectorStoreOptions? options = null,
        ServiceLifetime lifetime = ServiceLifetime.Singleton
    ) => AddKeyedSearchEngineVectorStore(services, null, options, lifetime);

    /// <summary>Registers a keyed vector store on a database directory.</summary>
    public static IServiceCollection AddKeyedSearchEngineVectorStore(
        this IServiceCollection services,
        object? serviceKey,
        string directory,
        SearchEngineVectorStoreOptions? options = null,
        ServiceLifetime lifetime = ServiceLifetime.Singleton
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        return AddKeyedSearchEngineVectorStore(services, serviceKey, _ => directory, _ => options, lifetime);
    }

    /// <summary>Registers a keyed vector store on a database directory that the container's other services tell.</summary>
    public static IServiceCollection AddKeyedSearchEngineVectorStore(
        this IServiceCollection services,
        object? serviceKey,
        Func<IServiceProvider, string> directoryProvider,
        Func<IServiceProvider, SearchEngineVectorStoreOptions?>? optionsProvider = null,
        ServiceLifetime lifetime = ServiceLifetime.Singleton
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(directoryProvider);
        return AddStore(
            services,
            serviceKey,
            (provider, key) =>
                new SearchEngineVectorStore(
                    directoryProvider(provider),
                    ServiceResolution.Complete(provider, key, optionsProvider?.Invoke(provider))
                ),
            lifetime
        );
    }

    /// <summary>
    /// Registers a keyed vector store on the container's <see cref="SearchDatabase"/> (of the same key, else without one).
    /// </summary>
    public static IServiceCollection AddKeyedSearchEngineVectorStore(
        this IServiceCollection services,
        object? serviceKey,
        SearchEngineVectorStoreOptions? options = null,
        ServiceLifetime lifetime = ServiceLifetime.Singleton
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        return AddStore(
            services,
            serviceKey,
            (provider, key) => new SearchEngineVectorStore(FindDatabase(provider, key), ServiceResolution.Complete(provider, key, options)),
            lifetime
        );
    }

    /// <summary>
    /// Registers a collection of the database in a directory, as <see cref="SearchEngineCollection{TKey, TRecord}"/>,
    /// <see cref="VectorStoreCollection{TKey, TRecord}"/>, <see cref="IVectorSearchable{TRecord}"/> and
    /// <see cref="IKeywordHybridSearchable{TRecord}"/>.
    /// </summary>
    public static IServiceCollection AddSearchEngineCollection<TKey, TRecord>(
        this IServiceCollection services,
        string name,
        string directory,
        SearchEngineCollectionOptions? options = null,
        ServiceLifetime lifetime = ServiceLifetime.Singleton
    )
        where TKey : notnull
        where TRecord : class => AddKeyedSearchEngineCollection<TKey, TRecord>(services, null, name, directory, options, lifetime);

    /// <summary>Registers a collection of the database in a directory that the container's other services tell.</summary>
    public static IServiceCollection AddSearchEngineCollection<TKey, TRecord>(
        this IServiceCollection services,
        string name,
        Func<IServiceProvider, string> directoryProvider,
        Func<IServiceProvider, SearchEngineCollectionOptions?>? optionsProvider = null,
        ServiceLifetime lifetime = ServiceLifetime.Singleton
    )
        where TKey : notnull
        where TRecord : class =>
        AddKeyedSearchEngineCollection<TKey, TRecord>(services, null, name, directoryProvider, optionsProvider, lifetime);

    /// <summary>Registers a collection of the container's <see cref="SearchDatabase"/>.</summary>
    public static IServiceCollection AddSearchEngineCollection<TKey, TRecord>(
        this IServiceCollection services,
        string name,
        SearchEngineCollectionOptions? options = null,
        ServiceLifetime lifetime = ServiceLifetime.Singleton
    )
        where TKey : notnull
        where TRecord : class => AddKeyedSearchEngineCollection<TKey, TRecord>(services, null, name, options, lifetime);

    /// <summary>Registers a keyed collection of the database in a directory.</summary>
    public static IServiceCollection AddKeyedSearchEngineCollection<TKey, TRecord>(
        this IServiceCollection services,
        object? serviceKey,
        string name,
        string directory,
        SearchEngineCollectionOptions? options = null,
        ServiceLifetime lifetime = ServiceLifetime.Singleton
    )
        where TKey : notnull
        where TRecord : class
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        return AddKeyedSearchEngineCollection<TKey, TRecord>(services, serviceKey, name, _ => directory, _ => options, lifetime);
    }

    /// <summary>Registers a keyed collection of the database in a directory that the container's other services tell.</summary>
    public static IServiceCollection AddKeyedSearchEngineCollection<TKey, TRecord>(
        this IServiceCollection services,
        object? serviceKey,
        string name,
        Func<IServiceProvider, string> directoryProvider,
        Func<IServiceProvider, SearchEngineCollectionOptions?>? optionsProvider = null,
        ServiceLifetime lifetime = ServiceLifetime.Singleton
    )
        where TKey : notnull
        where TRecord : class
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(directoryProvider);
        return AddCollection<TKey, TRecord>(
            services,
            serviceKey,
            (provider, key) =>
                new SearchEngineCollection<TKey, TRecord>(
                    directoryProvider(provider),
                    name,
                    ServiceResolution.Complete(provider, key, optionsProvider?.Invoke(provider))
                ),
            lifetime
        );
    }

    /// <summary>Registers a keyed collection of the container's <see cref="SearchDatabase"/> (of the same key, else without one).</summary>
    public static IServiceCollection AddKeyedSearchEngineCollection<TKey, TRecord>(
        this IServiceCollection services,
        object? serviceKey,
        string name,
        SearchEngineCollectionOptions? options = null,
        ServiceLifetime lifetime = ServiceLifetime.Singleton
    )
        where TKey : notnull
        where TRecord : class
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return AddCollection<TKey, TRecord>(
            services,
            serviceKey,
            (provider, key) =>
                new SearchEngineCollection<TKey, TRecord>(
                    FindDatabase(provider, key),
                    name,
                    ServiceResolution.Complete(provider, key, options)
                ),
            lifetime
        );
    }

    private static IServiceCollection AddStore(
        IServiceCollection services,
        object? serviceKey,
        Func<IServiceProvider, object?, SearchEngineVectorStore> factory,
        ServiceLifetime lifetime
    )
    {
        services.Add(new ServiceDescriptor(typeof(SearchEngineVectorStore), serviceKey, factory, lifetime));
        services.Add(
            new ServiceDescriptor(
                typeof(VectorStore),
                serviceKey,
                static (provider, key) => provider.GetRequiredKeyedService<SearchEngineVectorStore>(key),
                lifetime
            )
        );
        return services;
    }

    private static IServiceCollection AddCollection<TKey, TRecord>(
        IServiceCollection services,
        object? serviceKey,
        Func<IServiceProvider, object?, SearchEngineCollection<TKey, TRecord>> factory,
        ServiceLifetime lifetime
    )
        where TKey : notnull
        where TRecord : class
    {
        services.Add(new ServiceDescriptor(typeof(SearchEngineCollection<TKey, TRecord>), serviceKey, factory, lifetime));
        foreach (
            var abstraction in new[]
            {
                typeof(VectorStoreCollection<TKey, TRecord>),
                typeof(IVectorSearchable<TRecord>),
                typeof(IKeywordHybridSearchable<TRecord>),
            }
        )
        {
            services.Add(
                new ServiceDescriptor(
                    abstraction,
                    serviceKey,
                    static (provider, key) => provider.GetRequiredKeyedService<SearchEngineCollection<TKey, TRecord>>(key),
                    lifetime
                )
            );
        }

        return services;
    }

    private static ISearchDatabase FindDatabase(IServiceProvider services, object? key) =>
        (key is null ? null : services.GetKeyedService<ISearchDatabase>(key) ?? services.GetKeyedService<SearchDatabase>(key))
        ?? services.GetService<ISearchDatabase>()
        ?? services.GetRequiredService<SearchDatabase>();
}
