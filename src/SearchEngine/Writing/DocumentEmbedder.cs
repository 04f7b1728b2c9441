namespace SearchEngine.Writing;

/// <summary>
/// Embeds the texts that a batch or a query leaves to the engine, and holds models and dimensions against the schema. Thread-safe.
/// </summary>
internal sealed class DocumentEmbedder(CollectionSchema schema, EmbedderOptions? options, CollectionErrors errors)
{
    /// <summary>The vector's weight in hybrid searches as the model gives it; null without a model, or where it gives none.</summary>
    public double? VectorWeight => options?.VectorWeight;

    /// <summary>Embeds what a batch leaves to the engine, and puts the vectors into its documents.</summary>
    public async Task EmbedIntoAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        foreach (var ((document, field), vector) in await EmbedAsync(batch, cancellationToken).ConfigureAwait(false))
            document.Vectors[field] = vector;
    }

    /// <summary>Embeds what a batch leaves to the engine, in chunks of the embedder's batch size.</summary>
    public async Task<Dictionary<(Document Document, string Field), ReadOnlyMemory<float>>> EmbedAsync(
        WriteBatch batch,
        CancellationToken cancellationToken
    )
    {
        var wanted = new List<(Document Document, VectorField Field, string Text)>();
        foreach (var operation in batch.Operations)
        {
            if (operation.Document is not { } document)
                continue;
            foreach (var field in schema.Vectors)
            {
                if (!document.Vectors.ContainsKey(field.Name) && TextToEmbed(document, field) is { } text)
                    wanted.Add((document, field, text));
            }
        }

        var embedded = new Dictionary<(Document, string), ReadOnlyMemory<float>>();
        if (wanted.Count == 0)
            return embedded;
        var embedder = Embedder("embed documents");
        foreach (var chunk in wanted.Chunk(Math.Max(1, embedder.BatchSize)))
        {
            var made = await SearchDiagnostics
                .ObserveEmbeddingAsync(
                    embedder.Identity,
                    chunk.Length,
                    () => embedder.Generator.GenerateAsync(chunk.Select(w => w.Text), cancellationToken: cancellationToken)
                )
                .ConfigureAwait(false);
            if (made.Count != chunk.Length)
                throw new InvalidOperationException($"The embedding generator returned {made.Count} vectors for {chunk.Length} texts.");
            for (var i = 0; i < chunk.Length; i++)
            {
                CheckDimension(chunk[i].Field, made[i].Vector.Length);
                embedded[(chunk[i].Document, chunk[i].Field.Name)] = made[i].Vector;
            }
        }

        return embedded;
    }

    /// <summary>The query vectors of a search, in the order of its targets: those given, and those of texts, each embedded once.</summary>
    public async Task<ReadOnlyMemory<float>[]> EmbedQueriesAsync(IReadOnlyList<VectorTarget> targets, CancellationToken cancellationToken)
    {
        if (targets is [{ Vector: null } only])
            return [await EmbedQueryAsync(only.Field, only.Text!, cancellationToken).ConfigureAwait(false)];
        var embedded = new Dictionary<string, ReadOnlyMemory<float>>(StringComparer.Ordinal);
        var queries = new ReadOnlyMemory<float>[targets.Count];
        for (var i = 0; i < targets.Count; i++)
        {
            if (targets[i].Vector is { } given)
            {
                queries[i] = given;
                continue;
            }

            var text = targets[i].Text!;
            if (!embedded.TryGetValue(text, out var vector))
                embedded[text] = vector = await EmbedQueryAsync(targets[i].Field, text, cancellationToken).ConfigureAwait(false);
            CheckDimension(targets[i].Field, vector.Length);
            queries[i] = vector;
        }

        return queries;
    }

    /// <summary>Embeds a query.</summary>
    public async Task<ReadOnlyMemory<float>> EmbedQueryAsync(VectorField field, string text, CancellationToken cancellationToken)
    {
        var embedder = Embedder("embed the query");
        var made = await SearchDiagnostics
            .ObserveEmbeddingAsync(
                embedder.Identity,
                1,
                () => (embedder.QueryGenerator ?? embedder.Generator).GenerateAsync([text], cancellationToken: cancellationToken)
            )
            .ConfigureAwait(false);
        CheckDimension(field, made[0].Vector.Length);
        return made[0].Vector;
    }

    private static string? TextToEmbed(Document document, VectorField field) =>
        document.EmbeddingTexts.TryGetValue(field.Name, out var text) ? text
        : field.SourceField is { } source ? document[source] as string
        : null;

    private void CheckDimension(VectorField field, int dimension)
    {
        if (dimension == field.Dimension)
            return;
        throw errors.Failed(
            SearchDatabaseError.EmbeddingModelMismatch,
            $"Collection '{schema.Name}' stores vectors of {field.Dimension} dimensions in '{field.Name}', but the embedding model makes {dimension}. "
                + "Use the model it was made with, or a new collection."
        );
    }

    private EmbedderOptions Embedder(string purpose)
    {
        var embedder =
            options
            ?? throw errors.Failed(
                SearchDatabaseError.NoEmbeddingGenerator,
                $"Collection '{schema.Name}' needs an embedding generator to {purpose}: give the database one, or bring vectors."
            );
        if (schema.EmbeddingModel is not { } stored || embedder.Identity is not { } given || stored == given)
            return embedder;
        throw errors.Failed(
            SearchDatabaseError.EmbeddingModelMismatch,
            $"Collection '{schema.Name}' was embedded by '{stored}'; the database was opened with '{given}'. "
                + "Vectors of two models cannot be compared: use the model it was made with, or ingest into a new collection."
        );
    }
}
