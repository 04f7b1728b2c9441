namespace SearchEngine;

public sealed partial class SearchCollection
{
    /// <summary>Batches that may wait for the write loop; more make writers wait, which keeps memory bounded.</summary>
    private const int QueueCapacity = 256;

    /// <summary>Inserts or replaces documents, as one batch; texts are embedded first where the schema says so.</summary>
    /// <exception cref="ArgumentException">A document does not fit the schema; nothing of the batch is stored.</exception>
    public Task<WriteResult> UpsertAsync(IReadOnlyCollection<Document> documents, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(documents);
        var batch = new WriteBatch();
        foreach (var document in documents) batch.Upsert(document);
        return WriteAsync(batch, cancellationToken);
    }

    /// <summary>Inserts or replaces one document.</summary>
    public Task<WriteResult> UpsertAsync(Document document, CancellationToken cancellationToken = default) =>
        WriteAsync(new WriteBatch().Upsert(document), cancellationToken);

    /// <summary>Deletes records by key; keys that are not there are passed over.</summary>
    public Task<WriteResult> DeleteAsync(IReadOnlyCollection<RecordKey> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var batch = new WriteBatch();
        foreach (var key in keys) batch.Delete(key);
        return WriteAsync(batch, cancellationToken);
    }

    /// <summary>Deletes every record that matches; returns how many. Not one batch: a crash in the middle leaves some undeleted.</summary>
    public async Task<long> DeleteAsync(DocumentFilter filter, CancellationToken cancellationToken = default)
    {
        ThrowIfNotWritable();
        var matching = ResolveFilter(FilterBinder.Bind(Schema, filter), cancellationToken);
        long deleted = 0;
        foreach (var ordinals in Ordinals.Enumerate(matching).Chunk(1024))
        {
            var batch = new WriteBatch();
            foreach (var ordinal in ordinals)
            {
                if (ReadDocument(ordinal, includeVectors: false) is { } document) batch.Delete(document.Key);
            }

            deleted += (await WriteAsync(batch, cancellationToken).ConfigureAwait(false)).Deleted;
        }

        return deleted;
    }

    /// <summary>Applies a batch of mixed operations: all of it or, after a crash before it was acknowledged, possibly none.</summary>
    /// <exception cref="ArgumentException">An operation does not fit the schema; nothing of the batch is stored.</exception>
    /// <exception cref="SearchDatabaseException">The disk refused, or an earlier write failed: the message says what to do.</exception>
    public async Task<WriteResult> WriteAsync(WriteBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ThrowIfNotWritable();
        var prepared = await PrepareAsync(batch, cancellationToken).ConfigureAwait(false);
        if (prepared.Count == 0) return new WriteResult(0, 0, 0, _log.DurableAddress);
        var pending = new PendingWrite(prepared);
        try
        {
            await _queue.Writer.WriteAsync(pending, cancellationToken).ConfigureAwait(false);
        }
        catch (System.Threading.Channels.ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(SearchCollection));
        }

        // Past this point the batch will be written: waiting for it is not cancelled, so that the caller always learns the outcome.
        return await pending.Completion.Task.ConfigureAwait(false);
    }

    /// <summary>Checks, embeds and encodes a batch, outside of the write loop.</summary>
    private async Task<IReadOnlyList<PreparedOperation>> PrepareAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        var prepared = new PreparedOperation[batch.Operations.Count];
        var embeddings = await EmbedAsync(batch, cancellationToken).ConfigureAwait(false);
        var writer = new ByteWriter();
        for (var i = 0; i < prepared.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var operation = batch.Operations[i];
            if (operation.Kind == WriteOperationKind.SetMetadata)
            {
                prepared[i] = new PreparedOperation(operation.Kind, default, [], [], [], [], operation.MetadataName, operation.MetadataValue);
                continue;
            }

            if (operation.Key.Kind != Schema.KeyKind)
                throw new ArgumentException($"Collection '{Name}' has {Schema.KeyKind} keys; '{operation.Key}' is {(operation.Key.Kind == 0 ? "not set" : operation.Key.Kind)}.");
            var key = operation.Key.Encode();
            prepared[i] = operation.Kind == WriteOperationKind.Delete
                ? new PreparedOperation(operation.Kind, operation.Key, key, [], [], [], null, null)
                : PrepareUpsert(operation.Document!, key, embeddings, writer);
        }

        return prepared;
    }

    private PreparedOperation PrepareUpsert(Document document, byte[] key, Dictionary<(Document, string), ReadOnlyMemory<float>> embeddings, ByteWriter writer)
    {
        foreach (var name in document.Fields.Keys)
        {
            if (Schema.FindField(name) is null)
                throw new ArgumentException($"Document '{document.Key}' has a field '{name}' that collection '{Name}' has not; it has {string.Join(", ", Schema.Fields.Select(f => f.Name))}.");
        }

        foreach (var name in document.Vectors.Keys)
        {
            if (Schema.FindVector(name) is null) throw new ArgumentException($"Document '{document.Key}' has a vector '{name}' that collection '{Name}' has not.");
        }

        var values = new object?[Schema.Fields.Count];
        for (var f = 0; f < values.Length; f++) values[f] = FieldValues.Normalize(Schema.Fields[f], document[Schema.Fields[f].Name]);
        var vectors = new float[]?[Schema.Vectors.Count];
        for (var v = 0; v < vectors.Length; v++)
        {
            var field = Schema.Vectors[v];
            if (!document.Vectors.TryGetValue(field.Name, out var vector) && !embeddings.TryGetValue((document, field.Name), out vector)) continue;
            VectorFieldIndex.Validate(field, vector.Span, $"document '{document.Key}'");
            vectors[v] = vector.ToArray();
        }

        writer.Clear();
        DocumentCodec.Write(writer, Schema, key, values);
        return new PreparedOperation(WriteOperationKind.Upsert, document.Key, key, writer.ToArray(), values, vectors, null, null);
    }

    private void ThrowIfNotWritable()
    {
        ThrowIfClosed();
        if (_options.ReadOnly)
            throw Failed(SearchDatabaseError.ReadOnly, $"Collection '{Name}' cannot be changed: the database in {_options.Directory} was opened read-only.");
        ThrowIfFaulted();
    }

    private void ThrowIfFaulted()
    {
        if (_fault is not null) throw FaultException();
    }

    private SearchDatabaseException FaultException() => Failed(
        SearchDatabaseError.Storage,
        $"Collection '{Name}' stopped taking writes: {_fault!.Message} Nothing acknowledged is lost; free space or mend the disk, then close the database and open it again.",
        _fault);
}
