using System.Diagnostics;
using System.Text.RegularExpressions;
using SearchEngine.Hosting;

namespace SearchEngine.Api;

/// <summary>POST /collections/{name}/verify and POST /collections/{name}/snapshots.</summary>
internal static partial class MaintenanceEndpoints
{
    public static void Map(WebApplication application)
    {
        var group = application.MapGroup("/collections/{name}").RequireRateLimiting(ApiHost.WorkPolicy);
        group
            .MapPost("/verify", VerifyAsync)
            .WithSummary("Check records, vectors, graph and keyword index against each other; writes wait, searches go on");
        group
            .MapPost("/snapshots", SnapshotAsync)
            .WithSummary("Copy the collection into a folder of the host's machine while writes and searches go on");
    }

    private static async Task<VerifyReply> VerifyAsync(string name, OpenedDatabase database, CancellationToken cancellationToken) =>
        VerifyReply.Of(await (await database.GetAsync(name, cancellationToken)).VerifyAsync(cancellationToken: cancellationToken));

    private static async Task<IResult> SnapshotAsync(
        string name,
        SnapshotBody body,
        OpenedDatabase database,
        Settings settings,
        CancellationToken cancellationToken
    )
    {
        if (body.Name is null || !SnapshotName().IsMatch(body.Name))
        {
            throw new ArgumentException(
                $"A snapshot's name is 1 to 100 letters, digits, '-', '_' or '.', the first a letter or digit; not '{body.Name}'."
            );
        }
        var collection = await database.GetAsync(name, cancellationToken);
        var folder = FolderOf(settings, name, body.Name);
        if (Directory.Exists(folder))
        {
            return Results.Problem(
                $"Collection '{name}' has a snapshot '{body.Name}' already; name a new one.",
                statusCode: StatusCodes.Status409Conflict,
                title: "Conflict"
            );
        }
        var watch = Stopwatch.StartNew();
        await collection.CreateSnapshotAsync(folder, cancellationToken: cancellationToken);
        var bytes = new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        return Results.Json(
            new SnapshotReply(name, body.Name, folder, bytes, watch.Elapsed.TotalSeconds),
            statusCode: StatusCodes.Status201Created
        );
    }

    /// <summary>SNAPSHOTS/COLLECTION/NAME. A collection may have any name, "..", too: dots are written as %2E.</summary>
    private static string FolderOf(Settings settings, string collection, string snapshot) =>
        Path.Combine(
            Path.GetFullPath(settings.Api.Snapshots),
            Uri.EscapeDataString(collection).Replace(".", "%2E", StringComparison.Ordinal),
            snapshot
        );

    /// <summary>What is a file name everywhere and leaves no folder.</summary>
    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\\z")]
    private static partial Regex SnapshotName();
}
