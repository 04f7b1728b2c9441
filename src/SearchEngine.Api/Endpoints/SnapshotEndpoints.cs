using SearchEngine.Api.Contracts;
using SearchEngine.Api.Requests;
using SearchEngine.Api.Security;
using SearchEngine.Api.Serving;

namespace SearchEngine.Api.Endpoints;

/// <summary>Snapshots of a collection: made, listed, fetched, brought in, restored, deleted.</summary>
internal static class SnapshotEndpoints
{
    private const int PageSize = 100;

    public static void Map(WebApplication application)
    {
        var group = application.MapGroup("/collections/{name}/snapshots");
        group
            .MapPost("/", MakeAsync)
            .Needs(Access.Admin)
            .DisableRequestTimeout()
            .WithSummary("Copy the collection into a folder of the host's machine while writes and searches go on");
        group.MapGet("/", List).Needs(Access.Admin).WithSummary("The collection's snapshots");
        group.MapGet("/{snapshot}", SendAsync).Streams(Access.Admin).WithSummary("A snapshot as a tar archive");
        group
            .MapPut("/{snapshot}", TakeAsync)
            .Streams(Access.Admin, BodyKind.Stream)
            .WithSummary("Bring in a snapshot that was fetched, as a tar archive");
        group
            .MapPost("/{snapshot}/restore", RestoreAsync)
            .Needs(Access.Admin)
            .DisableRequestTimeout()
            .WithSummary("Make the collection of a snapshot; with replace=true the collection that is there is deleted first");
        group
            .MapDelete(
                "/{snapshot}",
                (string name, string snapshot, SnapshotStore snapshots) =>
                {
                    snapshots.Delete(name, snapshot);
                    return Results.NoContent();
                }
            )
            .Needs(Access.Admin)
            .WithSummary("Delete a snapshot");
    }

    private static async Task<IResult> MakeAsync(
        string name,
        SnapshotBody body,
        OpenedDatabase database,
        SnapshotStore snapshots,
        Caller caller,
        CancellationToken cancellationToken
    )
    {
        SnapshotStore.RequireName(body.Name);
        var collection = await database.GetLocalAsync(name, "A snapshot", caller, cancellationToken);
        return Results.Json(await snapshots.MakeAsync(collection, body.Name, cancellationToken), statusCode: StatusCodes.Status201Created);
    }

    private static SnapshotPage List(string name, SnapshotStore snapshots, RequestReader reader, int? limit = null, string? after = null)
    {
        var page = reader.Limit(limit, PageSize, "limit");
        var found = snapshots
            .List(name)
            .Where(snapshot => after is null || string.CompareOrdinal(snapshot.Name, after) > 0)
            .Take(page + 1)
            .ToArray();
        return new SnapshotPage([.. found.Take(page)], found.Length > page ? found[page - 1].Name : null);
    }

    private static async Task SendAsync(
        string name,
        string snapshot,
        SnapshotStore snapshots,
        HttpResponse response,
        CancellationToken cancellationToken
    )
    {
        snapshots.Find(name, snapshot);
        response.ContentType = "application/x-tar";
        await snapshots.SendAsync(name, snapshot, response.Body, cancellationToken);
    }

    private static async Task<IResult> TakeAsync(
        string name,
        string snapshot,
        SnapshotStore snapshots,
        HttpRequest request,
        CancellationToken cancellationToken
    )
    {
        if (request.ContentType is not ("application/x-tar" or "application/octet-stream"))
            throw RequestException.Unsupported("A snapshot is sent as Content-Type: application/x-tar.");
        return Results.Json(
            await snapshots.TakeAsync(name, snapshot, request.Body, cancellationToken),
            statusCode: StatusCodes.Status201Created
        );
    }

    private static async Task<CollectionReply> RestoreAsync(
        string name,
        string snapshot,
        OpenedDatabase database,
        SnapshotStore snapshots,
        CancellationToken cancellationToken,
        bool replace = false
    )
    {
        var local = database.Local("A snapshot");
        var folder = snapshots.Find(name, snapshot);
        SnapshotStore.RequireSnapshotOf(name, folder);
        if (!replace && local.CollectionExists(name))
        {
            throw new SearchDatabaseException(
                SearchDatabaseError.CollectionExists,
                $"Collection '{name}' exists already: delete it first, or restore with ?replace=true."
            );
        }

        await snapshots.TryAsync(folder, local.Options, cancellationToken);
        // From here on to the end, whether the caller still waits or not: the collection must not be left deleted.
        if (replace)
            await local.DeleteCollectionAsync(name, CancellationToken.None);
        var collection = await local.RestoreCollectionAsync(folder, CancellationToken.None);
        return CollectionReply.Of(await collection.GetInfoAsync(cancellationToken));
    }
}
