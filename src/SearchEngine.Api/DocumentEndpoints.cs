using Microsoft.AspNetCore.Mvc;

namespace SearchEngine.Api;

/// <summary>Documents: POST (insert or replace) and DELETE on /collections/{name}/documents, GET and DELETE on one of them.</summary>
internal static class DocumentEndpoints
{
    public static void Map(WebApplication application)
    {
        var group = application.MapGroup("/collections/{name}/documents").RequireRateLimiting(ApiHost.WorkPolicy);
        group.MapPost("/", UpsertAsync).WithSummary("Insert or replace documents, durable when the reply arrives");
        group.MapDelete("/", DeleteManyAsync).WithSummary("Delete documents by key; keys that are not there are passed over");
        group.MapGet("/{key}", GetAsync).WithSummary("One document");
        group.MapDelete("/{key}", DeleteOneAsync).WithSummary("Delete one document");
    }

    private static async Task<WriteReply> UpsertAsync(
        string name,
        DocumentsBody body,
        OpenedDatabase database,
        CancellationToken cancellationToken
    )
    {
        ISearchCollection collection = await database.GetAsync(name, cancellationToken);
        var documents = body.Documents.Select(document => FieldValues.ReadDocument(document, collection.Schema)).ToArray();
        return ReplyOf(await collection.UpsertAsync(documents, cancellationToken));
    }

    private static async Task<WriteReply> DeleteManyAsync(
        string name,
        [FromBody] DeleteBody body,
        OpenedDatabase database,
        CancellationToken cancellationToken
    )
    {
        ISearchCollection collection = await database.GetAsync(name, cancellationToken);
        var keys = body.Keys.Select(key => DocumentJson.ReadKey(key, collection.Schema.KeyKind)).ToArray();
        return ReplyOf(await collection.DeleteAsync(keys, cancellationToken));
    }

    private static async Task<IResult> GetAsync(string name, string key, OpenedDatabase database, CancellationToken cancellationToken)
    {
        ISearchCollection collection = await database.GetAsync(name, cancellationToken);
        return
            await collection.GetAsync(DocumentJson.ParseKey(key, collection.Schema.KeyKind), cancellationToken: cancellationToken)
                is { } document
            ? Results.Ok(new DocumentReply(document.Key.Value, document.Fields))
            : NoSuchDocument(name, key);
    }

    private static async Task<IResult> DeleteOneAsync(string name, string key, OpenedDatabase database, CancellationToken cancellationToken)
    {
        ISearchCollection collection = await database.GetAsync(name, cancellationToken);
        var result = await collection.DeleteAsync([DocumentJson.ParseKey(key, collection.Schema.KeyKind)], cancellationToken);
        return result.Deleted > 0 ? Results.NoContent() : NoSuchDocument(name, key);
    }

    private static WriteReply ReplyOf(WriteResult result) => new(result.Inserted, result.Updated, result.Deleted);

    private static IResult NoSuchDocument(string name, string key) =>
        Results.Problem($"Collection '{name}' has no document '{key}'.", statusCode: StatusCodes.Status404NotFound, title: "Not found");
}
