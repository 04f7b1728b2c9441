using SearchEngine.Distributed.Routing;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Databases;

/// <summary>Opens the database of a cluster.</summary>
internal static class ClusterSession
{
    public static async Task<ISearchDatabase> OpenAsync(
        ClusterSection cluster,
        EmbedderOptions? embedder,
        CancellationToken cancellationToken
    ) => await DistributedDatabase.ConnectAsync(cluster.ToSettings(), cluster.ToOptions(embedder), cancellationToken: cancellationToken);
}
