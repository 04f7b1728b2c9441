using SearchEngine.Api.Contracts;
using SearchEngine.Api.Requests;
using SearchEngine.Api.Security;
using SearchEngine.Api.Serving;
using SearchEngine.Distributed.Log;

namespace SearchEngine.Api.Endpoints;

/// <summary>GET /collections, and GET, PUT and DELETE /collections/{name}.</summary>
internal static class CollectionEndpoints
{
    private const string TextField = "text";
    private const string VectorField = "vector";
    private const int PageSize = 100;

    private static readonly FieldBody[] DefaultFields =
    [
        new("title", IsFullText: true),
        new(TextField, IsFullText: true),
        new("source", IsFilterable: true),
    ];

    public static void Map(WebApplication application)
    {
        var group = application.MapGroup("/collections");
        group.MapGet("/", ListAsync).Needs(Access.Read).WithSummary("Collections with their counts and sizes");
        group
            .MapGet(
                "/{name}",
                async (string name, OpenedDatabase database, Caller caller, CancellationToken token) =>
                    CollectionReply.Of(await (await database.GetAsync(name, caller, token)).GetInfoAsync(token))
            )
            .Needs(Access.Read)
            .WithSummary("One collection: its schema, counts and sizes");
        group
            .MapPut("/{name}", CreateAsync)
            .Needs(Access.Admin)
            .WithSummary("Make a collection (nothing happens where it exists with the same fields)");
        group.MapDelete("/{name}", DeleteAsync).Needs(Access.Admin).WithSummary("Delete a collection with all its documents");
    }

    private static async Task<CollectionPage> ListAsync(
        OpenedDatabase database,
        Caller caller,
        PublicText text,
        RequestReader reader,
        CancellationToken cancellationToken,
        int? limit = null,
        string? after = null
    )
    {
        var page = reader.Limit(limit, PageSize, "limit");
        var names = (await database.Database.ListCollectionsAsync(cancellationToken))
            .Where(name => caller.MaySee(name) && (after is null || string.CompareOrdinal(name, after) > 0))
            .Take(page + 1)
            .ToArray();
        // Side by side: a cluster waits for each shard that does not answer.
        var replies = new CollectionReply?[Math.Min(page, names.Length)];
        await Parallel.ForAsync(
            0,
            replies.Length,
            new ParallelOptions { MaxDegreeOfParallelism = SearchLimits.SearchesAtATime, CancellationToken = cancellationToken },
            async (i, token) => replies[i] = await DescribeAsync(names[i], database, text, token)
        );
        return new CollectionPage([.. replies.OfType<CollectionReply>()], names.Length > page ? names[page - 1] : null);
    }

    /// <summary>What there is to say of a collection, or why nothing can be said; null where it was deleted since its name was read.</summary>
    private static async Task<CollectionReply?> DescribeAsync(
        string name,
        OpenedDatabase database,
        PublicText text,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return CollectionReply.Of(
                await (await database.Database.GetCollectionAsync(name, cancellationToken)).GetInfoAsync(cancellationToken)
            );
        }
        catch (SearchDatabaseException e)
            when (e.Error is SearchDatabaseError.Corrupt or SearchDatabaseError.UnsupportedFormat or SearchDatabaseError.Storage
                // A shard that does not answer is this collection's affair; the log is that of all.
                || e is { Error: SearchDatabaseError.ShardUnavailable, InnerException: not SharedLogException }
            )
        {
            return CollectionReply.OfDamaged(name, text.Of(e.Message));
        }
        catch (Exception e) when (e is SearchDatabaseException { Error: SearchDatabaseError.CollectionNotFound } or ObjectDisposedException)
        {
            return null;
        }
    }

    private static async Task<IResult> CreateAsync(
        string name,
        CollectionBody? body,
        OpenedDatabase database,
        CancellationToken cancellationToken
    )
    {
        var existed = await database.Database.CollectionExistsAsync(name, cancellationToken);
        var collection = await database.Database.GetOrCreateCollectionAsync(
            SchemaOf(name, body ?? new CollectionBody(), database),
            cancellationToken
        );
        var reply = CollectionReply.Of(await collection.GetInfoAsync(cancellationToken));
        return existed ? Results.Ok(reply) : Results.Created($"/collections/{Uri.EscapeDataString(name)}", reply);
    }

    private static async Task<IResult> DeleteAsync(
        string name,
        OpenedDatabase database,
        Caller caller,
        CancellationToken cancellationToken
    ) =>
        await database.Database.DeleteCollectionAsync(name, cancellationToken)
            ? Results.NoContent()
            : throw await database.NotFoundAsync(name, caller, cancellationToken);

    private static CollectionSchema SchemaOf(string name, CollectionBody body, OpenedDatabase database)
    {
        var fields = body.Fields ?? DefaultFields;
        var vectors = VectorsOf(body, fields, database);
        return new CollectionSchema
        {
            Name = name,
            KeyKind = body.KeyKind,
            Analyzer = body.Analyzer ?? CollectionSchema.DefaultAnalyzer,
            Fields = [.. fields.Select(field => field.ToField())],
            Vectors = vectors,
            EmbeddingModel = vectors.Any(vector => vector.SourceField is not null) ? database.ModelName : null,
        };
    }

    private static VectorField[] VectorsOf(CollectionBody body, IReadOnlyList<FieldBody> fields, OpenedDatabase database)
    {
        if (body is { EmbeddedField: not null, Vectors: not null })
            throw new ArgumentException("Give 'embeddedField' or 'vectors', whose 'sourceField' says the same of each.");
        if (body.Vectors is { } vectors)
            return [.. vectors.Select(vector => vector.ToField(database.Dimension))];
        var embedded = body.EmbeddedField ?? (fields.Any(field => field.Name == TextField) ? TextField : null);
        if (body.EmbeddedField is not null && database.Dimension is null)
            throw new ArgumentException("This host has no model to embed a field with: leave 'embeddedField' out, or give 'vectors'.");
        return embedded is null || database.Dimension is not { } dimension
            ? []
            : [new VectorField(VectorField, dimension) { SourceField = embedded }];
    }
}
