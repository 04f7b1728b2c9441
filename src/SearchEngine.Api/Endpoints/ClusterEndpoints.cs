using SearchEngine.Api.Requests;
using SearchEngine.Api.Security;
using SearchEngine.Api.Serving;
using SearchEngine.Hosting;

namespace SearchEngine.Api.Endpoints;

/// <summary>GET /cluster.</summary>
internal static class ClusterEndpoints
{
    /// <summary>It names machines and all collections, and says what is wrong with disks: it is for who runs the cluster.</summary>
    public static void Map(WebApplication application) =>
        application
            .MapGet("/cluster", GetAsync)
            .NeedsInAll(Access.Admin)
            .WithSummary("The silos of the cluster, its shards, and how far each replica is behind");

    private static async Task<ClusterReport> GetAsync(OpenedDatabase database, CancellationToken cancellationToken) =>
        ClusterReport.Of(await database.Cluster.GetStatusAsync(cancellationToken));
}
