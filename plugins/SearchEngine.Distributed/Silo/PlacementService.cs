using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SearchEngine.Distributed.Placement;

namespace SearchEngine.Distributed.Silo;

/// <summary>Begins to hold replicas when the host starts; the host's services end it.</summary>
internal sealed class PlacementService(IServiceProvider services) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        services.GetRequiredService<PlacementAgent>();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken) =>
        await services.GetRequiredService<PlacementAgent>().DisposeAsync().ConfigureAwait(false);
}
