using Microsoft.Extensions.VectorData.ProviderServices;

namespace SearchEngine.SemanticKernel;

/// <summary>
/// Gives requests of the engine the vectors that the collection's own generators make of their texts, and the weight that those give of
/// themselves. Immutable, thread-safe.
/// </summary>
internal sealed class RequestEmbedder(CollectionModel model, EmbeddingResolver embeddings)
{
    /// <summary>The request with a vector in place of each text that is to be embedded.</summary>
    public async Task<SearchRequest> CompleteAsync(SearchRequest request, CancellationToken cancellationToken)
    {
        if (request.Mode == SearchMode.Keyword)
            return request;
        var queries = new List<VectorQuery>(request.VectorQueries.Count);
        foreach (var query in request.VectorQueries)
        {
            queries.Add(
                query.Vector is null && (query.Text ?? request.Text) is { } words && PropertyOf(query.Field) is { } target
                    ? query with
                    {
                        Vector = await embeddings.EmbedQueryAsync(target, words, cancellationToken).ConfigureAwait(false),
                    }
                    : query
            );
        }

        // What does not fit the model is the engine's to refuse, by name.
        if (PropertyOf(queries.Count > 0 ? queries[0].Field : request.VectorField) is not { } property)
            return request with { VectorQueries = queries };
        var complete = request with { VectorQueries = queries, Fusion = embeddings.Complete(request.Fusion, property) };
        return queries.Count == 0 && request is { Vector: null, Text: { } text }
            ? complete with
            {
                Vector = await embeddings.EmbedQueryAsync(property, text, cancellationToken).ConfigureAwait(false),
            }
            : complete;
    }

    private VectorPropertyModel? PropertyOf(string? field) =>
        field is not null ? model.VectorProperties.FirstOrDefault(property => property.StorageName == field)
        : model.VectorProperties.Count == 1 ? model.VectorProperties[0]
        : null;
}
