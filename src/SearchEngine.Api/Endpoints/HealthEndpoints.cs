using SearchEngine.Api.Contracts;
using SearchEngine.Api.Requests;
using SearchEngine.Api.Security;
using SearchEngine.Api.Serving;
using SearchEngine.Embeddings;
using SearchEngine.Hosting;

namespace SearchEngine.Api.Endpoints;

/// <summary>GET /health, and the probes /health/live and /health/ready.</summary>
internal static class HealthEndpoints
{
    public static void Map(WebApplication application)
    {
        application
            .MapGet(
                "/health",
                async (OpenedDatabase database, Settings settings, Caller caller, CancellationToken token) =>
                    new HealthReply(
                        "ok",
                        database.ModelName,
                        database.Dimension,
                        (await database.Database.ListCollectionsAsync(token)).Count(caller.MaySee),
                        VectorShare(database, settings),
                        database.Embedder?.Generator.GetService(typeof(double), HybridRecord.FarthestAnswerKey) as double?,
                        settings.Database.Cluster.IsUsed
                    )
            )
            .Needs(Access.Read)
            .WithSummary("Which model the host serves with, and how many collections");
        application.MapGet("/health/live", () => new ProbeReply("ok")).IsOpen().WithSummary("Whether the process answers");
        application
            .MapGet("/health/ready", Ready)
            .IsOpen()
            .WithSummary("Whether requests should be sent here: 503 while opening, stopping, or when a collection takes no writes");
    }

    /// <summary>The vector's share of the weights that searches without their own have: the settings', else the model's, else the engine's.</summary>
    private static double VectorShare(OpenedDatabase database, Settings settings)
    {
        if (settings.Search is { VectorWeight: null, KeywordWeight: null })
        {
            var generator = database.Embedder?.Generator;
            return generator?.GetService(typeof(double), EmbedderOptions.VectorWeightKey) as double? ?? SearchDefaults.VectorWeight;
        }
        var (vector, keyword) = (settings.Search.VectorWeight ?? 1, settings.Search.KeywordWeight ?? 1);
        return vector / (vector + keyword);
    }

    private static IResult Ready(OpenedDatabase database, DrainState drain)
    {
        if (drain.IsDraining)
            return Unready("stopping");
        if (!database.IsOpen)
            return Unready("opening");
        var stopped = (database.Database as SearchDatabase)?.ListStoppedCollections() ?? new Dictionary<string, string>();
        return stopped.Count == 0
            ? Results.Ok(new ProbeReply("ok"))
            : Unready("writes stopped", stopped.ToDictionary(pair => pair.Key, _ => "takes no writes; the host's log says why"));
    }

    private static IResult Unready(string status, IReadOnlyDictionary<string, string>? problems = null) =>
        Results.Json(new ProbeReply(status, problems), statusCode: StatusCodes.Status503ServiceUnavailable);
}
