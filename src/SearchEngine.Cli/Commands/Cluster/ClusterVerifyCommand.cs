using SearchEngine.Cli.Output;
using SearchEngine.Distributed.Silo;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Cluster;

/// <summary>Holds the replicas of a collection against each other.</summary>
internal sealed class ClusterVerifyCommand(CliConsole console)
{
    public async Task<int> RunAsync(ClusterSettings settings, string name, CancellationToken cancellationToken)
    {
        await using var client = await ClusterClient.OpenAsync(settings, cancellationToken: cancellationToken);
        var collection =
            await client.Connection.Log.FindCollectionAsync(name, cancellationToken)
            ?? throw new HostException($"There is no collection '{name}' in {settings.DisplayName}.");
        var problems = await client.Checks.VerifyAsync(collection, cancellationToken);
        foreach (var problem in problems)
            console.Out.WriteLine(problem);
        if (problems.Count > 0)
            return ExitCode.Partial;
        console.Out.WriteLine($"collection '{name}': the replicas of {Format.Count(collection.Shards, "shard")} are sound and equal");
        return ExitCode.Success;
    }
}
