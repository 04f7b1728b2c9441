namespace SearchEngine.Api;

/// <summary>GET /collections, and GET, PUT and DELETE /collections/{name}.</summary>
internal static class CollectionEndpoints
{
    private const string TextField = "text";
    private const string VectorField = "vector";

    private static readonly FieldBody[] DefaultFields =
    [
        new("title", IsFullText: true),
        new(TextField, IsFullText: true),
        new("source", IsFilterable: true),
    ];

    public static void Map(WebApplication application)
    {
        var group = application.MapGroup("/collections").RequireRateLimiting(ApiHost.WorkPolicy);
        group.MapGet("/", ListAsync).WithSummary("Collections with their counts and sizes");
        group
            .MapGet(
                "/{name}",
                async (string name, OpenedDatabase database, CancellationToken token) =>
                    CollectionReply.Of(await (await database.GetAsync(name, token)).GetInfoAsync(token))
            )
            .WithSummary("One collection");
        group.MapPut("/{name}", CreateAsync).WithSummary("Make a collection (nothing happens where it exists with the same fields)");
        group
            .MapDelete(
                "/{name}",
                async (string name, OpenedDatabase database, CancellationToken token) =>
                    await database.Database.DeleteCollectionAsync(name, token) ? Results.NoContent() : throw database.NotFound(name)
            )
            .WithSummary("Delete a collection with all its documents");
    }

    private static async Task<IReadOnlyList<CollectionReply>> ListAsync(OpenedDatabase database, CancellationToken cancellationToken)
    {
        var replies = new List<CollectionReply>();
        foreach (var name in database.Database.ListCollections())
        {
            try
            {
                replies.Add(
                    CollectionReply.Of(
                        await (await database.Database.GetCollectionAsync(name, cancellationToken)).GetInfoAsync(cancellationToken)
                    )
                );
            }
            catch (SearchDatabaseException e)
                when (e.Error is SearchDatabaseError.Corrupt or SearchDatabaseError.UnsupportedFormat or SearchDatabaseError.Storage)
            {
                replies.Add(CollectionReply.OfDamaged(name, e.Message));
            }
            catch (SearchDatabaseException e) when (e.Error == SearchDatabaseError.CollectionNotFound)
            {
                // Deleted since the names were read.
            }
        }

        return replies;
    }

    private static async Task<IResult> CreateAsync(
        string name,
        CollectionBody? body,
        OpenedDatabase database,
        CancellationToken cancellationToken
    )
    {
        var existed = database.Database.CollectionExists(name);
        var collection = await database.Database.GetOrCreateCollectionAsync(
            SchemaOf(name, body ?? new CollectionBody(), database),
            cancellationToken
        );
        var reply = CollectionReply.Of(await collection.GetInfoAsync(cancellationToken));
        return existed ? Results.Ok(reply) : Results.Created($"/collections/{Uri.EscapeDataString(name)}", reply);
    }

    private static CollectionSchema SchemaOf(string name, CollectionBody body, OpenedDatabase database)
    {
        var fields = body.Fields ?? DefaultFields;
        var embedded = body.EmbeddedField ?? (fields.Any(f => f.Name == TextField) ? TextField : null);
        var embeds = embedded is not null && database.Dimension is not null;
        return new CollectionSchema
        {
            Name = name,
            Fields =
            [
                .. fields.Select(f => new DataField(f.Name, f.Type)
                {
                    IsList = f.IsList,
                    IsFullText = f.IsFullText,
                    IsFilterable = f.IsFilterable,
                }),
            ],
            Vectors = embeds ? [new VectorField(VectorField, database.Dimension!.Value) { SourceField = embedded }] : [],
            EmbeddingModel = embeds ? database.ModelName : null,
        };
    }
}
