using SearchEngine.Hosting;

namespace SearchEngine.Cli.Databases;

/// <summary>Opens the database of a cluster: in the whole program. <see cref="HandOver"/> gives it every call over one.</summary>
internal static class ClusterSession
{
    public static Task<ISearchDatabase> OpenAsync(ClusterSection cluster, EmbedderOptions? embedder, CancellationToken cancellationToken) =>
        throw new HostException($"{cluster.DisplayName} is searched by SearchEngine.Cli, not by this program.");
}
