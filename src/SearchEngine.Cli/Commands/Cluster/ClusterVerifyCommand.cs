using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SearchEngine.Cli.Output;
using SearchEngine.Distributed.Silo;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Cluster;

/// <summary>Holds the replicas of a collection against each other.</summary>
internal sealed class ClusterVerifyCommand(CliConsole console)
{
    public async Task<int> RunAsync(ClusterSettings settings, string name, CancellationToken cancellationToken)
    {
        await using var connection = await ClusterConnection.OpenAsync(settings, cancellationToken);
        var collection =
            await connection.Log.FindCollectionAsync(name, cancellationToken)
            ?? throw new HostException($"There is no collection '{name}' in cluster '{settings.ClusterId}'.");
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.AddClusterClient(connection);
        using var host = builder.Build();
        await host.StartAsync(cancellationToken);
        try
        {
            var problems = await host.Services.GetRequiredService<ClusterChecks>().VerifyAsync(collection, cancellationToken);
            foreach (var problem in problems)
                console.Out.WriteLine(problem);
            if (problems.Count > 0)
                return ExitCode.Partial;
            console.Out.WriteLine($"collection '{name}': the replicas of {Format.Count(collection.Shards, "shard")} are sound and equal");
            return ExitCode.Success;
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
    }
}
