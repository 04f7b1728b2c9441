using System.Numerics.Tensors;

namespace SearchEngine;

/// <summary>Searches by examples, over any collection: one in this process or one behind a network.</summary>
public static class Recommendations
{
    /// <summary>
    /// The records nearest to what is liked and away from what is disliked: a vector search with <c>2·mean(liked) − mean(disliked)</c>, or
    /// the mean of what is liked where nothing is disliked (each vector scaled to length 1 first where the field compares by cosine). The
    /// examples themselves are left out. The search sees a moment after the one in which the examples are read.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// Nothing is liked, an example is not there or has no vector, or the request does not fit the schema; the message names the key.
    /// </exception>
    public static async Task<SearchResults> RecommendAsync(
        this ISearchCollection collection,
        RecommendRequest request,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(collection);
        ArgumentNullException.ThrowIfNull(request);
        if (request.Liked.Count == 0)
            throw new ArgumentException("A recommendation needs the key of at least one record that is liked.");
        var field = FieldOf(collection.Schema, request.Search.VectorField);
        var examples = request.Liked.Concat(request.Disliked).Distinct().ToArray();
        var found = (await collection.GetAsync(examples, includeVectors: true, cancellationToken).ConfigureAwait(false)).ToDictionary(
            document => document.Key
        );
        var vector = Mean(request.Liked, found, field, collection.Schema.Name);
        if (request.Disliked.Count > 0)
        {
            var away = Mean(request.Disliked, found, field, collection.Schema.Name);
            TensorPrimitives.Multiply(vector, 2f, vector);
            TensorPrimitives.Subtract(vector, away, vector);
        }

        DocumentFilter others = new DocumentFilter.Not(new DocumentFilter.In(DocumentFilter.KeyField, [.. examples.Select(k => k.Value)]));
        return await collection
            .FindAsync(
                request.Search with
                {
                    Text = null,
                    Keywords = null,
                    Mode = SearchMode.Vector,
                    Vector = vector,
                    VectorField = field.Name,
                    VectorQueries = [],
                    Filter = request.Search.Filter is { } filter ? filter & others : others,
                },
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    private static VectorField FieldOf(CollectionSchema schema, string? name) =>
        name is not null
            ? schema.FindVector(name) ?? throw new ArgumentException($"Collection '{schema.Name}' has no vector field '{name}'.")
        : schema.Vectors.Count == 1 ? schema.Vectors[0]
        : throw new ArgumentException(
            schema.Vectors.Count == 0
                ? $"Collection '{schema.Name}' has no vector field, so nothing is near anything."
                : $"Collection '{schema.Name}' has several vector fields ({string.Join(", ", schema.Vectors.Select(v => v.Name))}): name one."
        );

    private static float[] Mean(IReadOnlyList<RecordKey> keys, Dictionary<RecordKey, Document> found, VectorField field, string collection)
    {
        var mean = new float[field.Dimension];
        foreach (var key in keys)
        {
            if (!found.TryGetValue(key, out var document))
                throw new ArgumentException($"Collection '{collection}' has no document '{key}' to recommend by.");
            if (!document.Vectors.TryGetValue(field.Name, out var vector))
                throw new ArgumentException($"Document '{key}' has no vector '{field.Name}' to recommend by.");
            var scale = field.Metric == Vectors.DistanceMetric.Cosine ? TensorPrimitives.Norm(vector.Span) : 1f;
            TensorPrimitives.MultiplyAdd(vector.Span, 1f / (scale * keys.Count), mean, mean);
        }

        return mean;
    }
}
