namespace SearchEngine;

/// <summary>A vector field that a search goes by, with nothing left open.</summary>
/// <param name="Field">The field.</param>
/// <param name="Vector">The query vector; null where it is the text's.</param>
/// <param name="Text">What is embedded; null where there is a vector.</param>
/// <param name="Weight">Its share of the vector ranking; the shares of all targets add up to 1.</param>
internal sealed record VectorTarget(VectorField Field, ReadOnlyMemory<float>? Vector, string? Text, double Weight)
{
    /// <summary>What a request goes by, checked.</summary>
    /// <exception cref="ArgumentException">The request does not fit the schema; the message names the part.</exception>
    public static IReadOnlyList<VectorTarget> Of(CollectionSchema schema, SearchRequest request)
    {
        if (request.VectorQueries.Count == 0)
        {
            if (request.Text is null && request.Vector is null)
                throw new ArgumentException("A vector search needs a text or a vector.");
            return [new VectorTarget(SingleField(schema, request), request.Vector, request.Vector is null ? request.Text : null, 1)];
        }

        if (request.VectorField is not null || request.Vector is not null)
            throw new ArgumentException("VectorQueries names the fields and vectors: leave out VectorField and Vector beside it.");
        if (request.VectorQueries.Count > CollectionSchema.MaxVectorFields)
        {
            throw new ArgumentException(
                $"VectorQueries has {request.VectorQueries.Count} queries: at most {CollectionSchema.MaxVectorFields}."
            );
        }
        if (request.MaximumDistance is not null && request.VectorQueries.Count > 1)
            throw new ArgumentException("MaximumDistance is the distance of one vector: leave it out where VectorQueries has several.");
        var sum = request.VectorQueries.Sum(query => query.Weight);
        return [.. request.VectorQueries.Select(query => Of(schema, request, query, sum))];
    }

    private static VectorTarget Of(CollectionSchema schema, SearchRequest request, VectorQuery query, double sum)
    {
        if (!(query.Weight > 0 && double.IsFinite(sum)))
        {
            throw new ArgumentException(
                $"The weight of the vector query of '{query.Field}' is {query.Weight}: it must be finite and more than 0."
            );
        }
        var field = Find(schema, query.Field);
        var text = query.Vector is null ? query.Text ?? request.Text : null;
        if (query.Vector is null && text is null)
            throw new ArgumentException($"The vector query of '{query.Field}' needs a vector, or a text of its own or of the request.");
        return new VectorTarget(field, query.Vector, text, query.Weight / sum);
    }

    private static VectorField SingleField(CollectionSchema schema, SearchRequest request) =>
        request.VectorField is { } name
            ? Find(schema, name)
            : schema.Vectors.Count switch
            {
                1 => schema.Vectors[0],
                0 => throw new ArgumentException($"Collection '{schema.Name}' has no vector field: only keyword search is possible."),
                _ => throw new ArgumentException($"Collection '{schema.Name}' has several vector fields ({Names(schema)}): name one."),
            };

    private static VectorField Find(CollectionSchema schema, string name) =>
        schema.FindVector(name)
        ?? throw new ArgumentException($"Collection '{schema.Name}' has no vector field '{name}'; it has {Names(schema)}.");

    private static string Names(CollectionSchema schema) =>
        schema.Vectors.Count == 0 ? "none" : string.Join(", ", schema.Vectors.Select(v => v.Name));
}
