using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SearchEngine.Distributed.Placement;

namespace SearchEngine.Distributed.Silo;

/// <summary>Begins to hold replicas when the host starts; the host's services end it.</summary>
internal sealed class PlacementService(IServiceProvider services, ClusterConnection connection, SiloName silo) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // What an earlier process of this name said of its replicas does not hold any more.
        await connection.Placement.ReportAsync(silo.Value, [], cancellationToken).ConfigureAwait(false);
        services.GetRequiredService<PlacementAgent>();
    }

    public async Task StopAsync(CancellationToken cancellationToken) =>
        await services.GetRequiredService<PlacementAgent>().DisposeAsync().ConfigureAwait(false);
}
