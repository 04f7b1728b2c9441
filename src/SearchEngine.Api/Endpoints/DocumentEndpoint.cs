using Microsoft.Net.Http.Headers;
using SearchEngine.Api.Contracts;
using SearchEngine.Api.Requests;
using SearchEngine.Api.Security;
using SearchEngine.Api.Serving;

namespace SearchEngine.Api.Endpoints;

/// <summary>
/// One document: GET, PUT, PATCH and DELETE /collections/{name}/documents/{key}. Its version is its entity tag: If-Match makes a write
/// depend on it, If-None-Match: * makes an insert of a PUT.
/// </summary>
internal static class DocumentEndpoint
{
    public static void Map(WebApplication application)
    {
        var group = application.MapGroup("/collections/{name}/documents/{key}");
        group.MapGet("/", GetAsync).Needs(Access.Read).WithSummary("One document, with its version as ETag");
        group.MapPut("/", PutAsync).Needs(Access.Write).WithSummary("Insert or replace one document, if its version is the expected one");
        group.MapPatch("/", PatchAsync).Needs(Access.Write).WithSummary("Set fields and vectors of one document");
        group.MapDelete("/", DeleteAsync).Needs(Access.Write).WithSummary("Delete one document");
    }

    private static async Task<IResult> GetAsync(
        string name,
        string key,
        OpenedDatabase database,
        Caller caller,
        HttpContext context,
        CancellationToken cancellationToken,
        bool vectors = false
    )
    {
        var collection = await database.GetAsync(name, caller, cancellationToken);
        var document =
            await collection.GetAsync(DocumentJson.ParseKey(key, collection.Schema.KeyKind), vectors, cancellationToken)
            ?? throw NoSuchDocument(name, key);
        var tag = TagOf(document.Version);
        context.Response.Headers.ETag = tag;
        return context.Request.Headers.IfNoneMatch.Contains(tag)
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : Results.Ok(DocumentReply.Of(document, collection.Schema));
    }

    private static async Task<WriteReply> PutAsync(
        string name,
        string key,
        ChangesBody body,
        OpenedDatabase database,
        Caller caller,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        var collection = await database.GetAsync(name, caller, cancellationToken);
        var document = RequestReader.Fill(new Document(DocumentJson.ParseKey(key, collection.Schema.KeyKind)), body, collection.Schema);
        return Reply(
            context,
            await collection.WriteAsync(new WriteBatch().Upsert(document, ExpectedBy(context.Request)), cancellationToken)
        );
    }

    private static async Task<WriteReply> PatchAsync(
        string name,
        string key,
        ChangesBody body,
        OpenedDatabase database,
        Caller caller,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        var collection = await database.GetAsync(name, caller, cancellationToken);
        var document = RequestReader.Fill(new Document(DocumentJson.ParseKey(key, collection.Schema.KeyKind)), body, collection.Schema);
        var result = await collection.WriteAsync(new WriteBatch().Patch(document, ExpectedBy(context.Request)), cancellationToken);
        return result.NotFound > 0 ? throw NoSuchDocument(name, key) : Reply(context, result);
    }

    private static async Task<IResult> DeleteAsync(
        string name,
        string key,
        OpenedDatabase database,
        Caller caller,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        var collection = await database.GetAsync(name, caller, cancellationToken);
        var batch = new WriteBatch().Delete(DocumentJson.ParseKey(key, collection.Schema.KeyKind), ExpectedBy(context.Request));
        var result = await collection.WriteAsync(batch, cancellationToken);
        return result.Deleted > 0 ? Results.NoContent() : throw NoSuchDocument(name, key);
    }

    private static WriteReply Reply(HttpContext context, WriteResult result)
    {
        context.Response.Headers.ETag = TagOf(result.Version);
        return WriteReply.Of(result);
    }

    private static string TagOf(RecordVersion version) => $"\"{version}\"";

    /// <summary>The version that the headers want the document to have; null where they want none.</summary>
    private static RecordVersion? ExpectedBy(HttpRequest request)
    {
        var match = request.Headers.IfMatch.ToString();
        var noneMatch = request.Headers.IfNoneMatch.ToString();
        if (match.Length == 0)
        {
            return noneMatch switch
            {
                "" => null,
                "*" => RecordVersion.None,
                _ => throw new ArgumentException("A write understands If-None-Match: * (insert, and do not replace) and If-Match."),
            };
        }

        return EntityTagHeaderValue.TryParse(match, out var tag) && RecordVersion.TryParse(tag.Tag.Value?.Trim('"'), out var version)
            ? version
            : throw new ArgumentException("If-Match takes one ETag as a read returned it.");
    }

    private static RequestException NoSuchDocument(string name, string key) =>
        RequestException.NotFound($"Collection '{name}' has no document '{key}'.");
}
