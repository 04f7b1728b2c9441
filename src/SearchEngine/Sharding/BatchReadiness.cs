using SearchEngine.Writing;

namespace SearchEngine.Sharding;

/// <summary>
/// Makes batches ready to be applied by many: texts are embedded once, and what does not fit the schema is refused before anybody has seen
/// it. Thread-safe.
/// </summary>
public sealed class BatchReadiness
{
    private readonly DocumentEmbedder _embedder;
    private readonly BatchPreparer _preparer;
    private readonly CollectionSchema _schema;

    /// <summary>Makes one for a schema.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="embedder">Embeds the texts that bring no vector; null where all bring theirs.</param>
    public BatchReadiness(CollectionSchema schema, EmbedderOptions? embedder)
    {
        ArgumentNullException.ThrowIfNull(schema);
        _schema = schema;
        _embedder = new DocumentEmbedder(schema, embedder, new CollectionErrors(schema.Name, "the cluster"));
        _preparer = new BatchPreparer(schema, _embedder);
    }

    /// <summary>As <see cref="ISearchCollection.EmbedDocumentsAsync"/>.</summary>
    public Task EmbedAsync(WriteBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return _embedder.EmbedIntoAsync(batch, cancellationToken);
    }

    /// <summary>
    /// A batch as <see cref="EmbedAsync"/> leaves it, in documents of its own, checked as a write checks it. A text without a vector is not
    /// embedded later on: nothing is left to those who apply it.
    /// </summary>
    /// <exception cref="ArgumentException">An operation does not fit the schema.</exception>
    /// <exception cref="SearchDatabaseException">There are texts to embed and no embedding generator, or one of another model.</exception>
    public async Task<WriteBatch> MakeAsync(WriteBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var ready = new WriteBatch();
        foreach (var operation in batch.Operations)
            ready.Operations.Add(operation with { Document = operation.Document is { } document ? CopyOf(document) : null });
        await EmbedAsync(ready, cancellationToken).ConfigureAwait(false);
        await _preparer.PrepareAsync(ready, cancellationToken).ConfigureAwait(false);
        return ready;
    }

    /// <summary>Checks a filter.</summary>
    /// <exception cref="ArgumentException">It does not fit the schema.</exception>
    public void Check(DocumentFilter filter) => FilterBinder.Bind(_schema, filter);

    private static Document CopyOf(Document document) =>
        new(document.Key)
        {
            Fields = document.Fields,
            Vectors = new Dictionary<string, ReadOnlyMemory<float>>(document.Vectors, StringComparer.Ordinal),
            EmbeddingTexts = document.EmbeddingTexts,
        };
}
