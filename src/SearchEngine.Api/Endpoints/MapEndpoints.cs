using SearchEngine.Api.Contracts;
using SearchEngine.Api.Mapping;
using SearchEngine.Api.Requests;
using SearchEngine.Api.Security;
using SearchEngine.Api.Serving;

namespace SearchEngine.Api.Endpoints;

/// <summary>GET /collections/{name}/map.</summary>
internal static class MapEndpoints
{
    private const int DefaultPoints = 1_000;
    private const int MaxPoints = 3_000;

    public static void Map(WebApplication application) =>
        application
            .MapGet("/collections/{name}/map", GetAsync)
            .Needs(Access.Read)
            .WithSummary("The collection as points on a plane, near ones near, with a field's values to colour them by");

    private static async Task<MapReply> GetAsync(
        string name,
        OpenedDatabase database,
        CollectionMaps maps,
        Caller caller,
        CancellationToken cancellationToken,
        int? limit = null,
        string? color = null,
        string? vectorField = null
    )
    {
        var collection = await database.GetLocalAsync(name, "A map of all documents", caller, cancellationToken);
        if (limit is < 1 or > MaxPoints)
            throw new ArgumentException($"limit is from 1 to {MaxPoints}, not {limit}.");
        if (color is not null)
            RequestReader.FieldOf(collection.Schema, color);
        var vector = vectorField is null
            ? collection.Schema.Vectors.FirstOrDefault()
            : collection.Schema.FindVector(vectorField)
                ?? throw new ArgumentException($"Collection '{name}' has no vector field '{vectorField}'.");
        return vector is null
            ? throw new ArgumentException($"Collection '{name}' has no vector field, so there is nothing to lay out.")
            : await maps.GetAsync(collection, vector, color, limit ?? DefaultPoints, cancellationToken);
    }
}
