namespace SearchEngine.Writing;

/// <summary>
/// Checks, embeds and encodes batches on the caller's thread, so that bad input is refused before anything is stored. Thread-safe.
/// </summary>
internal sealed class BatchPreparer(CollectionSchema schema, DocumentEmbedder embedder)
{
    /// <summary>Prepares a batch.</summary>
    /// <exception cref="ArgumentException">An operation does not fit the schema; the message names it.</exception>
    public async Task<IReadOnlyList<PreparedOperation>> PrepareAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        var prepared = new PreparedOperation[batch.Operations.Count];
        var embeddings = await embedder.EmbedAsync(batch, cancellationToken).ConfigureAwait(false);
        var writer = new ByteWriter();
        for (var i = 0; i < prepared.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            prepared[i] = Prepare(batch.Operations[i], embeddings, writer);
        }

        return prepared;
    }

    /// <summary>A patch without a key, for many records.</summary>
    /// <exception cref="ArgumentException">The changes do not fit the schema.</exception>
    public async Task<PreparedOperation> PreparePatchAsync(Document changes, CancellationToken cancellationToken)
    {
        var embeddings = await embedder.EmbedAsync(new WriteBatch().Patch(changes), cancellationToken).ConfigureAwait(false);
        return PrepareDocument(new PreparedOperation(WriteOperationKind.Patch, default, []), changes, embeddings);
    }

    /// <summary>A deletion.</summary>
    public PreparedOperation Delete(RecordKey key) => new(WriteOperationKind.Delete, key, Encode(key));

    /// <summary>The encoded form of a key of this collection.</summary>
    /// <exception cref="ArgumentException">It is of another kind.</exception>
    public byte[] Encode(RecordKey key) =>
        key.Kind == schema.KeyKind
            ? key.Encode()
            : throw new ArgumentException(
                $"Collection '{schema.Name}' has {schema.KeyKind} keys; '{key}' is {(key.Kind == 0 ? "not set" : key.Kind)}."
            );

    private PreparedOperation Prepare(
        WriteOperation operation,
        Dictionary<(Document Document, string Field), ReadOnlyMemory<float>> embeddings,
        ByteWriter writer
    )
    {
        if (operation.Kind == WriteOperationKind.SetMetadata)
        {
            return new PreparedOperation(operation.Kind, default, [])
            {
                MetadataName = operation.MetadataName,
                MetadataValue = operation.MetadataValue,
            };
        }
        var prepared = new PreparedOperation(operation.Kind, operation.Key, Encode(operation.Key)) { Expected = operation.Expected };
        if (operation.Kind == WriteOperationKind.Delete)
            return prepared;

        prepared = PrepareDocument(prepared, operation.Document!, embeddings);
        if (operation.Kind == WriteOperationKind.Patch)
            return prepared;
        writer.Clear();
        DocumentCodec.Write(writer, schema, prepared.EncodedKey, prepared.Values);
        return prepared with { Record = writer.ToArray() };
    }

    private PreparedOperation PrepareDocument(
        PreparedOperation operation,
        Document document,
        Dictionary<(Document Document, string Field), ReadOnlyMemory<float>> embeddings
    )
    {
        CheckNames(document);
        var isPatch = operation.Kind is WriteOperationKind.Patch or WriteOperationKind.Merge;
        var vectors = Vectors(document, embeddings);
        return operation with { Values = Values(document), Vectors = vectors, Mask = isPatch ? MaskOf(document, vectors) : null };
    }

    private void CheckNames(Document document)
    {
        foreach (var name in document.Fields.Keys)
        {
            if (schema.FindField(name) is null)
            {
                throw new ArgumentException(
                    $"Document '{document.Key}' has a field '{name}' that collection '{schema.Name}' has not; it has {string.Join(", ", schema.Fields.Select(f => f.Name))}."
                );
            }
        }

        foreach (var name in document.Vectors.Keys)
        {
            if (schema.FindVector(name) is null)
                throw new ArgumentException($"Document '{document.Key}' has a vector '{name}' that collection '{schema.Name}' has not.");
        }
    }

    private object?[] Values(Document document)
    {
        var values = new object?[schema.Fields.Count];
        for (var f = 0; f < values.Length; f++)
            values[f] = FieldValues.Normalize(schema.Fields[f], document[schema.Fields[f].Name]);
        return values;
    }

    private float[]?[] Vectors(Document document, Dictionary<(Document Document, string Field), ReadOnlyMemory<float>> embeddings)
    {
        var vectors = new float[]?[schema.Vectors.Count];
        for (var v = 0; v < vectors.Length; v++)
        {
            var field = schema.Vectors[v];
            if (!document.Vectors.TryGetValue(field.Name, out var vector) && !embeddings.TryGetValue((document, field.Name), out vector))
                continue;
            // An empty vector is none.
            if (vector.IsEmpty)
                continue;
            VectorFieldIndex.Validate(field, vector.Span, $"document '{document.Key}'");
            vectors[v] = vector.ToArray();
        }

        return vectors;
    }

    /// <summary>
    /// A patch sets what it names; and the vector of a text that it changes, for a vector of another text would be wrong.
    /// </summary>
    private PatchMask MaskOf(Document changes, float[]?[] vectors) =>
        new(
            [.. schema.Fields.Select(field => changes.Fields.ContainsKey(field.Name))],
            [
                .. schema.Vectors.Select(
                    (field, i) =>
                        vectors[i] is not null
                        || changes.Vectors.ContainsKey(field.Name)
                        || (field.SourceField is { } source && changes.Fields.ContainsKey(source))
                ),
            ]
        );
}
