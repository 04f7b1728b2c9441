using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using SearchEngine.Api.Contracts;
using SearchEngine.Api.Requests;
using SearchEngine.Api.Security;
using SearchEngine.Api.Serving;

namespace SearchEngine.Api.Endpoints;

/// <summary>Writing many documents: below /collections/{name}/documents, and /collections/{name}/write for mixed batches.</summary>
internal static class DocumentEndpoints
{
    public static void Map(WebApplication application)
    {
        var group = application.MapGroup("/collections/{name}/documents");
        group
            .MapPost("/", UpsertAsync)
            .Needs(Access.Write)
            .WithSummary("Insert or replace documents, all or none, durable when the reply arrives");
        group
            .MapPatch("/", PatchAsync)
            .Needs(Access.Write)
            .WithSummary("Set fields and vectors of documents, all or none; those that are not there are counted");
        group
            .MapPost("/patch", PatchWhereAsync)
            .Needs(Access.Write)
            .WithSummary("Set fields and vectors of all documents that match a filter");
        group
            .MapDelete("/", DeleteManyAsync)
            .Needs(Access.Write)
            .WithSummary("Delete documents by key or by filter; keys that are not there are passed over");
        group.MapPost("/delete", DeleteManyAsync).Needs(Access.Write).WithSummary("The same, for programs that send no body with DELETE");
        application
            .MapPost("/collections/{name}/write", WriteAsync)
            .Needs(Access.Write)
            .WithSummary("A batch of upserts, patches, deletes and metadata, all or none");
        application
            .MapPost("/collections/{name}/embed", EmbedAsync)
            .Needs(Access.Write)
            .WithSummary("A batch with the vectors that a write would give it; changes nothing");
    }

    private static Task<WriteReply> UpsertAsync(
        string name,
        DocumentsBody body,
        OpenedDatabase database,
        Caller caller,
        CancellationToken cancellationToken
    ) => WriteEachAsync(name, body, database, caller, (batch, document, version) => batch.Upsert(document, version), cancellationToken);

    private static Task<WriteReply> PatchAsync(
        string name,
        DocumentsBody body,
        OpenedDatabase database,
        Caller caller,
        CancellationToken cancellationToken
    ) => WriteEachAsync(name, body, database, caller, (batch, document, version) => batch.Patch(document, version), cancellationToken);

    private static async Task<WriteReply> WriteEachAsync(
        string name,
        DocumentsBody body,
        OpenedDatabase database,
        Caller caller,
        Action<WriteBatch, Document, RecordVersion?> add,
        CancellationToken cancellationToken
    )
    {
        var collection = await database.GetAsync(name, caller, cancellationToken);
        var batch = new WriteBatch();
        foreach (var document in body.Documents)
            add(batch, RequestReader.ReadDocument(document, collection.Schema), RequestReader.ReadVersion(document.Version));
        return WriteReply.Of(await collection.WriteAsync(batch, cancellationToken));
    }

    private static async Task<CountReply> PatchWhereAsync(
        string name,
        FilteredPatchBody body,
        OpenedDatabase database,
        Caller caller,
        CancellationToken cancellationToken
    )
    {
        var collection = await database.GetAsync(name, caller, cancellationToken);
        var changes = RequestReader.Fill(new Document(default), body.Changes, collection.Schema);
        return new CountReply(
            await collection.PatchAsync(DocumentFilterJson.Read(body.Filter, collection.Schema), changes, cancellationToken)
        );
    }

    private static async Task<WriteReply> DeleteManyAsync(
        string name,
        [FromBody] DeleteBody body,
        OpenedDatabase database,
        Caller caller,
        CancellationToken cancellationToken
    )
    {
        var collection = await database.GetAsync(name, caller, cancellationToken);
        if (body.Keys is null == body.Filter is null)
            throw new ArgumentException("A delete takes either 'keys' or a 'filter'.");
        if (body.Keys is { } keys)
            return WriteReply.Of(await collection.DeleteAsync(RequestReader.ReadKeys(keys, collection.Schema), cancellationToken));
        var deleted = await collection.DeleteAsync(DocumentFilterJson.Read(body.Filter!.Value, collection.Schema), cancellationToken);
        return new WriteReply(0, 0, checked((int)deleted), 0, RecordVersion.None.ToString());
    }

    private static async Task<WriteReply> WriteAsync(
        string name,
        BatchBody body,
        OpenedDatabase database,
        Caller caller,
        CancellationToken cancellationToken
    )
    {
        var collection = await database.GetAsync(name, caller, cancellationToken);
        return WriteReply.Of(await collection.WriteAsync(WriteBatchJson.Read(body.Operations, collection.Schema), cancellationToken));
    }

    private static async Task EmbedAsync(
        string name,
        BatchBody body,
        OpenedDatabase database,
        Caller caller,
        HttpResponse response,
        CancellationToken cancellationToken
    )
    {
        var collection = await database.GetAsync(name, caller, cancellationToken);
        var batch = WriteBatchJson.Read(body.Operations, collection.Schema);
        await collection.EmbedDocumentsAsync(batch, cancellationToken);
        response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(response.BodyWriter);
        json.WriteStartObject();
        json.WritePropertyName("operations");
        WriteBatchJson.Write(json, batch, collection.Schema);
        json.WriteEndObject();
    }
}
