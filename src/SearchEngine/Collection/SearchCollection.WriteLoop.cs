using System.Buffers.Binary;
using System.Text;
using Microsoft.Extensions.Logging;
using SearchEngine.Lexical;

namespace SearchEngine;

public sealed partial class SearchCollection
{
    /// <summary>Operations that one group of batches has at most: enough to share an fsync, few enough to acknowledge soon.</summary>
    private const int GroupOperations = 4096;

    private readonly Queue<int> _freeOrdinals = new();
    private int _nextOrdinal;
    private ulong _nextBatch;
    private long _appliedAddress;

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

    [LoggerMessage(Level = LogLevel.Error, Message = "Collection {Collection} stopped taking writes")]
    private static partial void LogWriteFailed(ILogger logger, string collection, Exception exception);
}
