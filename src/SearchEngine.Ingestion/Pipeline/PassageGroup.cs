namespace SearchEngine.Ingestion;

/// <summary>The passages of one document that are in one part of a file, embedded together.</summary>
internal sealed class PassageGroup
{
    private readonly List<Document> _passages;

    private PassageGroup(List<Document> passages) => _passages = passages;

    /// <summary>The groups of a part that have no vectors yet.</summary>
    internal static IEnumerable<PassageGroup> Of(FilePart part, List<Document> documents) =>
        documents
            .Zip(part.Chunks, (document, chunk) => (Document: document, chunk.Document))
            .GroupBy(pair => pair.Item2, pair => pair.Document)
            .Select(group => group.ToList())
            .Where(group => group.TrueForAll(document => document.EmbeddingTexts.ContainsKey(IngestionSchema.VectorField)))
            .Select(group => new PassageGroup(group));

    /// <summary>
    /// Gives the passages their vectors. Those of a document on which the embedder fails have none afterwards, and are embedded by themselves.
    /// </summary>
    /// <exception cref="NotSupportedException">The model cannot embed passages in their context.</exception>
    internal async Task EmbedAsync(
        Func<IReadOnlyList<string>, CancellationToken, Task<IReadOnlyList<ReadOnlyMemory<float>>>> embed,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var vectors = await embed([.. _passages.Select(p => p.EmbeddingTexts[IngestionSchema.VectorField])], cancellationToken)
                .ConfigureAwait(false);
            if (vectors.Count != _passages.Count)
            {
                throw new NotSupportedException($"The embedder gave {vectors.Count} vectors for {_passages.Count} passages.");
            }

            for (var i = 0; i < vectors.Count; i++)
            {
                _passages[i].Vectors[IngestionSchema.VectorField] = vectors[i];
                _passages[i].EmbeddingTexts.Remove(IngestionSchema.VectorField);
            }
        }
        catch (Exception e) when (e is not (OperationCanceledException or NotSupportedException or OutOfMemoryException))
        {
            // Which of them is to blame shows where each is embedded by itself.
        }
    }
}
