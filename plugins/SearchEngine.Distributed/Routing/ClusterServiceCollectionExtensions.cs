using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using SearchEngine.Distributed.Silo;

namespace SearchEngine.Distributed.Routing;

/// <summary>A cluster in place of a database of this machine, in one line.</summary>
public static class ClusterServiceCollectionExtensions
{
    /// <summary>
    /// Registers a cluster as the container's <see cref="ISearchDatabase"/>, a singleton: vector stores, collections and plugins that are
    /// registered beside it are over the cluster. Connected when it is first resolved.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="settings">The cluster.</param>
    /// <param name="options">How it is used, by the other services (its embedder); null for the defaults.</param>
    public static IServiceCollection UseCluster(
        this IServiceCollection services,
        ClusterSettings settings,
        Func<IServiceProvider, DistributedDatabaseOptions>? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(settings);
        services.TryAddSingleton(provider =>
        {
            var chosen = options?.Invoke(provider);
            var loggers = provider.GetService<ILoggerFactory>();
            // On a pool thread, so that a caller's synchronization context cannot deadlock with it.
            return Task.Run(() => DistributedDatabase.ConnectAsync(settings, chosen, loggers)).GetAwaiter().GetResult();
        });
        services.TryAddSingleton<ISearchDatabase>(provider => provider.GetRequiredService<DistributedDatabase>());
        return services;
    }
}
