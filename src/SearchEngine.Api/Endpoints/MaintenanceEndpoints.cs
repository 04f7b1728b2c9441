using SearchEngine.Api.Contracts;
using SearchEngine.Api.Requests;
using SearchEngine.Api.Security;
using SearchEngine.Api.Serving;
using SearchEngine.Hosting;

namespace SearchEngine.Api.Endpoints;

/// <summary>What keeps a collection sound and small, and what carries it elsewhere: verify, repair, checkpoint, compact, export, import.</summary>
internal static class MaintenanceEndpoints
{
    public static void Map(WebApplication application)
    {
        var group = application.MapGroup("/collections/{name}");
        group
            .MapPost("/verify", VerifyAsync)
            .Needs(Access.Admin)
            .DisableRequestTimeout()
            .WithSummary("Check records, vectors, graph and keyword index against each other; writes wait, searches go on");
        group
            .MapPost("/repair", RepairAsync)
            .Needs(Access.Admin)
            .DisableRequestTimeout()
            .WithSummary("Make graph and keyword index anew from the records");
        group
            .MapPost("/checkpoint", CheckpointAsync)
            .Needs(Access.Admin)
            .DisableRequestTimeout()
            .WithSummary("Write everything to disk and cut the log");
        group
            .MapPost("/compact", CompactAsync)
            .Needs(Access.Admin)
            .DisableRequestTimeout()
            .WithSummary("Give back the space of updates and deletes");
        group
            .MapPost("/reopen", ReopenAsync)
            .Needs(Access.Admin)
            .DisableRequestTimeout()
            .WithSummary("Close and open the collection, so that it takes writes again after its disk was mended");
        group
            .MapGet("/export", ExportAsync)
            .Streams(Access.Read)
            .WithSummary("The whole collection as lines of JSON: schema, documents, metadata, of one moment");
        group
            .MapPost("/import", ImportAsync)
            .Streams(Access.Write, BodyKind.Stream)
            .WithSummary("Read an export into the collection; with an admin key it is made where it is not there");
    }

    private static async Task<VerifyReply> VerifyAsync(
        string name,
        OpenedDatabase database,
        Caller caller,
        CancellationToken cancellationToken
    ) =>
        VerifyReply.Of(
            await ((IVerifiableCollection)await database.GetAsync(name, caller, cancellationToken)).VerifyAsync(
                cancellationToken: cancellationToken
            )
        );

    private static async Task<RepairReply> RepairAsync(
        string name,
        OpenedDatabase database,
        Caller caller,
        CancellationToken cancellationToken
    )
    {
        if (!await database.Database.CollectionExistsAsync(name, cancellationToken))
            throw await database.NotFoundAsync(name, caller, cancellationToken);
        return RepairReply.Of(await database.Local("A repair").RepairCollectionAsync(name, cancellationToken: cancellationToken));
    }

    private static async Task<CollectionReply> CheckpointAsync(
        string name,
        OpenedDatabase database,
        Caller caller,
        CancellationToken cancellationToken
    )
    {
        var collection = await database.GetLocalAsync(name, "A checkpoint", caller, cancellationToken);
        await collection.CheckpointAsync(cancellationToken);
        return CollectionReply.Of(await collection.GetInfoAsync(cancellationToken));
    }

    private static async Task<CollectionReply> CompactAsync(
        string name,
        OpenedDatabase database,
        Caller caller,
        CancellationToken cancellationToken
    )
    {
        var collection = await database.GetLocalAsync(name, "Compaction", caller, cancellationToken);
        await collection.CompactAsync(cancellationToken);
        return CollectionReply.Of(await collection.GetInfoAsync(cancellationToken));
    }

    private static async Task<CollectionReply> ReopenAsync(
        string name,
        OpenedDatabase database,
        Caller caller,
        CancellationToken cancellationToken
    )
    {
        if (!await database.Database.CollectionExistsAsync(name, cancellationToken))
            throw await database.NotFoundAsync(name, caller, cancellationToken);
        var collection = await database.Local("Opening anew").ReopenCollectionAsync(name, cancellationToken);
        return CollectionReply.Of(await collection.GetInfoAsync(cancellationToken));
    }

    private static async Task ExportAsync(
        string name,
        OpenedDatabase database,
        Caller caller,
        HttpResponse response,
        CancellationToken cancellationToken,
        bool vectors = true
    )
    {
        var collection = await database.GetAsync(name, caller, cancellationToken);
        response.ContentType = "application/x-ndjson";
        await CollectionExport.WriteAsync(collection, response.Body, vectors, cancellationToken: cancellationToken);
    }

    private static async Task<ImportReply> ImportAsync(
        string name,
        OpenedDatabase database,
        Caller caller,
        ApiSettings settings,
        HttpRequest request,
        CancellationToken cancellationToken
    )
    {
        if (request.ContentType is null || !request.ContentType.StartsWith("application/x-ndjson", StringComparison.OrdinalIgnoreCase))
            throw RequestException.Unsupported("An import is sent as Content-Type: application/x-ndjson.");
        if (caller.Access < Access.Admin && !await database.Database.CollectionExistsAsync(name, cancellationToken))
            throw await database.NotFoundAsync(name, caller, cancellationToken);
        var records = await CollectionImport.ReadAsync(
            database.Database,
            request.Body,
            name,
            // What a body of documents may hold, with escapes and vectors.
            maxLineLength: 2 * Math.Min(settings.MaxRequestBytes, int.MaxValue / 2),
            cancellationToken: cancellationToken
        );
        return new ImportReply(name, records);
    }
}
