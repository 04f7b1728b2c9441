using System.Buffers.Binary;
using System.Text;
using Microsoft.Extensions.Logging;
using SearchEngine.Lexical;
using SearchEngine.Storage;

namespace SearchEngine;

public sealed partial class SearchCollection
{
    /// <summary>Batches that may wait for the write loop; more make writers wait, which keeps memory bounded.</summary>
    private const int QueueCapacity = 256;

    /// <summary>Operations that one group of batches has at most: enough to share an fsync, few enough to acknowledge soon.</summary>
    private const int GroupOperations = 4096;

    private readonly Queue<int> _freeOrdinals = new();
    private int _nextOrdinal;
    private ulong _nextBatch;
    private long _appliedAddress;

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

    private async Task RunWriteLoopAsync()
    {
        var group = new List<PendingWrite>();
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            group.Clear();
            var operations = 0;
            while (operations < GroupOperations && _queue.Reader.TryRead(out var pending))
            {
                group.Add(pending);
                operations += pending.Operations.Count;
            }

            await _applyGate.WaitAsync().ConfigureAwait(false);
            try
            {
                WriteGroup(group);
            }
            finally
            {
                _applyGate.Release();
            }

            await LimitLogAsync().ConfigureAwait(false);
        }
    }

    private void WriteGroup(List<PendingWrite> group)
    {
        try
        {
            ThrowIfFaulted();
            var assigned = new Dictionary<RecordKey, int>();
            long address = 0;
            foreach (var pending in group)
            {
                foreach (var operation in pending.Operations) pending.Logged.Add(Assign(operation, assigned, pending));
                address = pending.Address = AppendBatch(pending.Logged);
            }

            if (_options.Durability == DatabaseDurability.EveryWrite)
                _log.WaitUntilDurable(address);
            Apply([.. group.SelectMany(p => p.Logged.Zip(p.Operations))]);
            Volatile.Write(ref _appliedAddress, address);
            foreach (var pending in group)
                pending.Completion.SetResult(new WriteResult(pending.Inserted, pending.Updated, pending.Deleted, pending.Address));
        }
        catch (Exception e)
        {
            // What reached the log is replayed at the next opening; until then the views cannot be trusted to hold it all.
            if (_fault is null)
            {
                _fault = e;
                LogWriteFailed(_logger, Name, e);
            }

            var failure = FaultException();
            foreach (var pending in group) pending.Completion.TrySetException(failure);
        }
    }

    /// <summary>Gives an operation its ordinals; <paramref name="assigned"/> holds what the group did to a key so far.</summary>
    private LogOperation Assign(PreparedOperation operation, Dictionary<RecordKey, int> assigned, PendingWrite pending)
    {
        if (operation.Kind == WriteOperationKind.SetMetadata)
            return new LogOperation(operation.Kind, [], -1, -1, [], [], operation.MetadataName, operation.MetadataValue);
        if (!assigned.TryGetValue(operation.Key, out var previous)) previous = FindOrdinal(operation.EncodedKey);
        if (operation.Kind == WriteOperationKind.Delete)
        {
            if (previous >= 0) pending.Deleted++;
            assigned[operation.Key] = -1;
            return new LogOperation(operation.Kind, operation.EncodedKey, -1, previous, [], [], null, null);
        }

        if (previous >= 0) pending.Updated++;
        else pending.Inserted++;
        var ordinal = _freeOrdinals.TryDequeue(out var free) ? free : _nextOrdinal++;
        assigned[operation.Key] = ordinal;
        return new LogOperation(operation.Kind, operation.EncodedKey, ordinal, previous, operation.Record, operation.Vectors, null, null);
    }

    private long AppendBatch(List<LogOperation> operations)
    {
        var writer = new ByteWriter();
        LogBatchCodec.Write(writer, operations);
        long address = 0;
        foreach (var entry in LogBatchCodec.Cut(_nextBatch++, writer.ToArray())) address = _log.Append(entry);
        return address;
    }

    /// <summary>
    /// Brings logged operations into the views. Idempotent: a replay may meet views that hold some of them already.
    /// New records are in before old ones go, so that a concurrent search finds one of the two.
    /// </summary>
    private void Apply(IReadOnlyList<(LogOperation Logged, PreparedOperation Prepared)> operations)
    {
        Span<byte> ordinalKey = stackalloc byte[4];
        var added = new List<LogOperation>();
        var documents = new List<LexicalDocument>();
        var removed = new List<int>();
        foreach (var (logged, prepared) in operations)
        {
            if (logged.Previous >= 0) removed.Add(logged.Previous);
            switch (logged.Kind)
            {
                case WriteOperationKind.Upsert:
                    BinaryPrimitives.WriteInt32BigEndian(ordinalKey, logged.Ordinal);
                    _records.Upsert(RecordSpaces.Record, ordinalKey, logged.Record);
                    for (var v = 0; v < _vectors.Length; v++)
                    {
                        if (v < logged.Vectors.Length && logged.Vectors[v] is { } vector) _vectors[v].Store(logged.Ordinal, vector);
                    }

                    _records.Upsert(RecordSpaces.Key, logged.Key, ordinalKey);
                    added.Add(logged);
                    if (_lexical is not null) documents.Add(LexicalMapping.ToLexical(Schema, logged.Ordinal, prepared.Values));
                    break;
                case WriteOperationKind.Delete:
                    if (logged.Previous >= 0) _records.Delete(RecordSpaces.Key, logged.Key);
                    break;
                case WriteOperationKind.SetMetadata:
                    var name = Encoding.UTF8.GetBytes(logged.MetadataName!);
                    if (logged.MetadataValue is null) _records.Delete(RecordSpaces.Metadata, name);
                    else _records.Upsert(RecordSpaces.Metadata, name, Encoding.UTF8.GetBytes(logged.MetadataValue));
                    break;
            }
        }

        foreach (var vector in _vectors) AddVectors(vector, added);
        if (_lexical is not null && documents.Count > 0) _lexical.Add(documents);
        foreach (var logged in added) _live.Add(logged.Ordinal);
        Remove(removed);
        if (_lexical is not null && (documents.Count > 0 || removed.Count > 0)) Interlocked.Increment(ref _lexicalWrites);
    }

    private void AddVectors(VectorFieldIndex vector, List<LogOperation> added)
    {
        var with = added.Where(logged => vector.Position < logged.Vectors.Length && logged.Vectors[vector.Position] is not null).ToArray();
        if (with.Length == 0) return;
        if (with.Length == 1 || IndexThreads == 1)
        {
            foreach (var logged in with) vector.Index.TryAdd(logged.Ordinal, logged.Vectors[vector.Position]);
            return;
        }

        Parallel.ForEach(with, new ParallelOptions { MaxDegreeOfParallelism = IndexThreads }, logged => vector.Index.TryAdd(logged.Ordinal, logged.Vectors[vector.Position]));
    }

    private void Remove(List<int> ordinals)
    {
        if (ordinals.Count == 0) return;
        Span<byte> key = stackalloc byte[4];
        foreach (var ordinal in ordinals)
        {
            _live.Remove(ordinal);
            foreach (var vector in _vectors) vector.Index.Remove(ordinal);
        }

        _lexical?.Delete(ordinals);
        foreach (var ordinal in ordinals)
        {
            BinaryPrimitives.WriteInt32BigEndian(key, ordinal);
            _records.Delete(RecordSpaces.Record, key);
            foreach (var vector in _vectors) vector.Erase(ordinal);
            _released.Add(ordinal);
        }
    }

    private int IndexThreads => _options.IndexThreads > 0 ? _options.IndexThreads : Environment.ProcessorCount;

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

    [LoggerMessage(Level = LogLevel.Error, Message = "Collection {Collection} stopped taking writes")]
    private static partial void LogWriteFailed(ILogger logger, string collection, Exception exception);
}
