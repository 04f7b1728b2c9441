using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SearchEngine.Distributed.Routing.Serving;

namespace SearchEngine.Distributed.Silo;

/// <summary>A program that is nothing but a silo.</summary>
public static class ClusterSilo
{
    /// <summary>
    /// Is a silo until cancelled; then it hands nothing over and leaves the cluster at once, its replicas stay on its disk. A silo that the
    /// others have voted dead, because it did not answer, ends the process: a supervisor starts it again.
    /// </summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="silo">The silo.</param>
    /// <param name="logging">Where messages go; null for nowhere.</param>
    /// <param name="started">Called when it has joined.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ArgumentException">A setting is not valid.</exception>
    /// <exception cref="Log.SharedLogException">PostgreSQL cannot be reached, or refuses.</exception>
    public static async Task RunAsync(
        ClusterSettings cluster,
        SiloSettings silo,
        Action<ILoggingBuilder>? logging = null,
        Action? started = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(silo);
        var connection = await ClusterConnection.OpenAsync(cluster, cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
            logging?.Invoke(builder.Logging);
            builder.AddClusterSilo(
                connection,
                silo,
                async (collection, token) => await ShardReplica.OpenAsync(collection, token).ConfigureAwait(false)
            );
            var host = builder.Build();
            try
            {
                await host.StartAsync(cancellationToken).ConfigureAwait(false);
                started?.Invoke();
                await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await host.StopAsync(CancellationToken.None).ConfigureAwait(false);
            }
            finally
            {
                await ((IAsyncDisposable)host).DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}
