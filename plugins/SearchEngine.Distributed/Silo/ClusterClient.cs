using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SearchEngine.Distributed.Silo;

/// <summary>This process as a client of a cluster: connected, and knowing which silo serves which shard. Thread-safe.</summary>
public sealed class ClusterClient : IAsyncDisposable
{
    private readonly IHost _host;

    private ClusterClient(ClusterConnection connection, IHost host) => (Connection, _host) = (connection, host);

    /// <summary>PostgreSQL and what lies in it.</summary>
    public ClusterConnection Connection { get; }

    /// <summary>Which silo serves which shard.</summary>
    public ClusterRoutes Routes => _host.Services.GetRequiredService<ClusterRoutes>();

    /// <summary>Connects, and waits until a silo answers.</summary>
    /// <exception cref="Log.SharedLogException">PostgreSQL does not answer, or refuses.</exception>
    /// <exception cref="Orleans.Runtime.OrleansException">No silo answers.</exception>
    public static async Task<ClusterClient> OpenAsync(
        ClusterSettings settings,
        ILoggerFactory? loggers = null,
        CancellationToken cancellationToken = default
    )
    {
        var connection = await ClusterConnection.OpenAsync(settings, cancellationToken).ConfigureAwait(false);
        IHost? host = null;
        try
        {
            var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
            if (loggers is not null)
                builder.Services.AddSingleton(loggers);
            builder.AddClusterClient(connection);
            host = builder.Build();
            await host.StartAsync(cancellationToken).ConfigureAwait(false);
            var client = new ClusterClient(connection, host);
            await client.Routes.RefreshAsync(cancellationToken).ConfigureAwait(false);
            return client;
        }
        catch
        {
            await CloseAsync(host, connection).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Leaves the cluster and closes the connection.</summary>
    public async ValueTask DisposeAsync() => await CloseAsync(_host, Connection).ConfigureAwait(false);

    private static async Task CloseAsync(IHost? host, ClusterConnection connection)
    {
        if (host is not null)
        {
            await host.StopAsync().ConfigureAwait(false);
            await ((IAsyncDisposable)host).DisposeAsync().ConfigureAwait(false);
        }

        await connection.DisposeAsync().ConfigureAwait(false);
    }
}
