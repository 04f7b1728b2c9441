using SearchEngine.Cli.Output;
using SearchEngine.Distributed.Routing;
using SearchEngine.Distributed.Silo;

namespace SearchEngine.Cli.Commands.Cluster;

/// <summary>Holds the replicas of a collection against each other.</summary>
internal sealed class ClusterVerifyCommand(CliConsole console)
{
    public async Task<int> RunAsync(ClusterSettings settings, string name, CancellationToken cancellationToken)
    {
        await using var database = await DistributedDatabase.ConnectAsync(settings, cancellationToken: cancellationToken);
        var collection = await database.GetCollectionAsync(name, cancellationToken);
        var shards = await collection.VerifyShardsAsync(new DiagnosticProgress(console), cancellationToken);
        foreach (var shard in shards)
        {
            foreach (var problem in shard.Problems)
                console.Out.WriteLine(problem);
            if (shard.NotCompared is { } why && shard.Problems.Count == 0)
                console.Out.WriteLine($"shard {shard.Shard}: {why}");
        }

        if (shards.Any(shard => shard.Problems.Count > 0 || !shard.IsCompared))
            return ExitCode.Partial;
        console.Out.WriteLine($"collection '{name}': the replicas of {Format.Count(shards.Count, "shard")} are sound and equal");
        return ExitCode.Success;
    }
}
