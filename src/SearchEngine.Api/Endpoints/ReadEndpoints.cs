using System.Buffers;
using System.Text.Json;
using SearchEngine.Api.Contracts;
using SearchEngine.Api.Requests;
using SearchEngine.Api.Security;
using SearchEngine.Api.Serving;

namespace SearchEngine.Api.Endpoints;

/// <summary>Reads without ranking: several documents, scrolls, counts, facets, metadata, and the streams that go with them.</summary>
internal static class ReadEndpoints
{
    private const string Lines = "application/x-ndjson";

    public static void Map(WebApplication application)
    {
        var group = application.MapGroup("/collections/{name}");
        group
            .MapPost("/documents/get", GetManyAsync)
            .Needs(Access.Read)
            .WithSummary("Documents by their keys, those that exist, of one moment");
        group.MapPost("/documents/scroll", ScrollAsync).Needs(Access.Read).WithSummary("Documents by filter, page by page, of one moment");
        group
            .MapPost("/documents/stream", StreamAsync)
            .Streams(Access.Read)
            .WithSummary("Documents by filter, one a line, as long as they are read, of one moment");
        group.MapPost("/documents/count", CountAsync).Needs(Access.Read).WithSummary("How many documents there are, or match");
        group.MapPost("/facets", FacetsAsync).Needs(Access.Read).WithSummary("Counts of values or ranges over all documents that match");
        group.MapGet("/keys", KeysAsync).Streams(Access.Read).WithSummary("All keys, one a line, of one moment");
        group
            .MapGet("/metadata", MetadataAsync)
            .Streams(Access.Read)
            .WithSummary("Named values of the collection, one a line, of one moment");
        group.MapGet("/metadata/{key}", OneMetadataAsync).Needs(Access.Read).WithSummary("A named value of the collection");
        group.MapPost("/views", OpenViewAsync).Needs(Access.Read).WithSummary("Hold a moment of the collection for several reads");
        group.MapDelete("/views/{view}", CloseViewAsync).Needs(Access.Read).WithSummary("Let a moment go");
    }

    private static async Task<DocumentPage> GetManyAsync(
        string name,
        GetBody body,
        OpenedDatabase database,
        Caller caller,
        RequestReader reader,
        CancellationToken cancellationToken
    )
    {
        var collection = await database.GetAsync(name, caller, cancellationToken);
        if (body.Keys.Count > 0)
            reader.Limit(body.Keys.Count, 1, "The number of keys");
        var keys = RequestReader.ReadKeys(body.Keys, collection.Schema);
        return PageOf(await collection.GetAsync(keys, body.Vectors, cancellationToken), collection.Schema, null);
    }

    private static async Task<DocumentPage> ScrollAsync(
        string name,
        ScrollBody body,
        OpenedDatabase database,
        ReadSessions sessions,
        Caller caller,
        RequestReader reader,
        CancellationToken cancellationToken
    )
    {
        var collection = await database.GetAsync(name, caller, cancellationToken);
        if (body.After is { } token)
        {
            var (documents, next) = await sessions.ScrollAsync(token, name, caller, cancellationToken);
            return PageOf(documents, collection.Schema, next);
        }

        var limit = reader.Limit(body.Limit, 1, "limit");
        var query = new RecordQuery
        {
            Filter = RequestReader.ReadFilter(body.Filter, collection.Schema),
            OrderBy = RequestReader.ReadOrder(body.OrderBy),
            IncludeVectors = body.Vectors,
        };
        var session = await sessions.OpenAsync(name, caller, collection, cancellationToken);
        var keep = false;
        try
        {
            var page = await sessions.UseAsync(session.Id, name, caller, held => held.BeginAsync(query, limit), cancellationToken);
            keep = session.Next is not null;
            return PageOf(page, collection.Schema, session.Next);
        }
        finally
        {
            if (!keep)
                await sessions.CloseAsync(session.Id, name, caller);
        }
    }

    private static async Task StreamAsync(
        string name,
        StreamBody body,
        OpenedDatabase database,
        ReadSessions sessions,
        Caller caller,
        HttpResponse response,
        CancellationToken cancellationToken,
        string? view = null
    )
    {
        var collection = await database.GetAsync(name, caller, cancellationToken);
        var query = new RecordQuery
        {
            Filter = RequestReader.ReadFilter(body.Filter, collection.Schema),
            OrderBy = RequestReader.ReadOrder(body.OrderBy),
            Skip = body.Skip,
            Top = body.Top ?? int.MaxValue,
            IncludeVectors = body.Vectors,
        };
        response.ContentType = Lines;
        await InViewAsync(
            sessions,
            view,
            name,
            caller,
            async held =>
                await WriteLinesAsync(
                    response,
                    held is null ? collection.QueryAsync(query, cancellationToken) : held.QueryAsync(query, cancellationToken),
                    (json, document) => DocumentJson.WriteDocument(json, collection.Schema, document, withVersion: true),
                    cancellationToken
                ),
            cancellationToken
        );
    }

    private static async Task<CountReply> CountAsync(
        string name,
        FilterBody body,
        OpenedDatabase database,
        ReadSessions sessions,
        Caller caller,
        CancellationToken cancellationToken,
        string? view = null
    )
    {
        var collection = await database.GetAsync(name, caller, cancellationToken);
        var filter = RequestReader.ReadFilter(body.Filter, collection.Schema);
        var count = 0L;
        await InViewAsync(
            sessions,
            view,
            name,
            caller,
            async held =>
                count = await (
                    held is null ? collection.CountAsync(filter, cancellationToken) : held.CountAsync(filter, cancellationToken)
                ),
            cancellationToken
        );
        return new CountReply(count);
    }

    private static async Task<FacetsReply> FacetsAsync(
        string name,
        FacetsBody body,
        OpenedDatabase database,
        Caller caller,
        CancellationToken cancellationToken
    )
    {
        var collection = await database.GetAsync(name, caller, cancellationToken);
        var results = await collection.FindAsync(
            new SearchRequest
            {
                Mode = SearchMode.Keyword,
                Filter = RequestReader.ReadFilter(body.Filter, collection.Schema),
                Facets = RequestReader.ReadFacets(body.Facets, collection.Schema),
                CountTotal = true,
                Top = 1,
                AllowPartial = body.AllowPartial,
            },
            cancellationToken
        );
        return new FacetsReply(results.Total!.Value, results.Facets, SearchEndpoints.MissingOf(results));
    }

    private static async Task KeysAsync(
        string name,
        OpenedDatabase database,
        Caller caller,
        HttpResponse response,
        CancellationToken cancellationToken
    )
    {
        var collection = await database.GetAsync(name, caller, cancellationToken);
        response.ContentType = Lines;
        await WriteLinesAsync(
            response,
            collection.ListKeysAsync(cancellationToken),
            (json, key) => DocumentJson.WriteValue(json, key.Value),
            cancellationToken
        );
    }

    private static async Task MetadataAsync(
        string name,
        OpenedDatabase database,
        ReadSessions sessions,
        Caller caller,
        HttpResponse response,
        CancellationToken cancellationToken,
        string prefix = "",
        string? view = null
    )
    {
        var collection = await database.GetAsync(name, caller, cancellationToken);
        response.ContentType = Lines;
        await InViewAsync(
            sessions,
            view,
            name,
            caller,
            async held =>
                await WriteLinesAsync(
                    response,
                    held is null
                        ? collection.ListMetadataAsync(prefix, cancellationToken)
                        : held.ListMetadataAsync(prefix, cancellationToken),
                    (json, entry) =>
                    {
                        json.WriteStartObject();
                        json.WriteString("name", entry.Key);
                        json.WriteString("value", entry.Value);
                        json.WriteEndObject();
                    },
                    cancellationToken
                ),
            cancellationToken
        );
    }

    private static async Task<MetadataReply> OneMetadataAsync(
        string name,
        string key,
        OpenedDatabase database,
        Caller caller,
        CancellationToken cancellationToken
    ) =>
        await (await database.GetAsync(name, caller, cancellationToken)).GetMetadataAsync(key, cancellationToken) is { } value
            ? new MetadataReply(key, value)
            : throw RequestException.NotFound($"Collection '{name}' keeps no value under '{key}'.");

    private static async Task<IResult> OpenViewAsync(
        string name,
        OpenedDatabase database,
        ReadSessions sessions,
        Caller caller,
        CancellationToken cancellationToken
    )
    {
        var collection = await database.GetAsync(name, caller, cancellationToken);
        var session = await sessions.OpenAsync(name, caller, collection, cancellationToken);
        return Results.Json(new ViewReply(session.Id), statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> CloseViewAsync(string name, string view, ReadSessions sessions, Caller caller) =>
        await sessions.CloseAsync(view, name, caller)
            ? Results.NoContent()
            : throw RequestException.NotFound($"Collection '{name}' has no view '{view}' open.");

    private static Task InViewAsync(
        ReadSessions sessions,
        string? view,
        string name,
        Caller caller,
        Func<ICollectionView?, Task> run,
        CancellationToken cancellationToken
    ) =>
        view is null
            ? run(null)
            : sessions.UseAsync(
                view,
                name,
                caller,
                async session =>
                {
                    await run(session.View);
                    return true;
                },
                cancellationToken
            );

    private static async Task WriteLinesAsync<T>(
        HttpResponse response,
        IAsyncEnumerable<T> items,
        Action<Utf8JsonWriter, T> write,
        CancellationToken cancellationToken
    )
    {
        const int flushBytes = 32 << 10;
        await using var json = new Utf8JsonWriter(response.BodyWriter);
        var pending = 0L;
        await foreach (var item in items.WithCancellation(cancellationToken))
        {
            write(json, item);
            json.Flush();
            pending += json.BytesCommitted;
            json.Reset();
            response.BodyWriter.Write("\n"u8);
            if (pending < flushBytes)
                continue;
            pending = 0;
            await response.BodyWriter.FlushAsync(cancellationToken);
        }

        await response.BodyWriter.FlushAsync(cancellationToken);
    }

    private static DocumentPage PageOf(IReadOnlyList<Document> documents, CollectionSchema schema, string? next) =>
        new([.. documents.Select(document => DocumentReply.Of(document, schema))], next);
}
