using SearchEngine.Moments;
using SearchEngine.Reading;
using SearchEngine.Storage;
using SearchEngine.Writing;

namespace SearchEngine.Maintenance;

/// <summary>
/// Replays the write log behind a checkpoint. Idempotent: entries carry their ordinals, so that a batch that the images hold already
/// changes nothing. For an opening, while there are no readers. Used by one thread.
/// </summary>
internal sealed class LogReplayer(
    CollectionSchema schema,
    KeyDirectory keys,
    MetadataDirectory metadata,
    ViewWriter views,
    OrdinalAllocator ordinals
)
{
    /// <summary>Operations that go into the views together.</summary>
    private const int MostWaiting = 1_000;

    private readonly List<LogOperation> _waiting = [];

    /// <summary>
    /// Visits the log's batches behind a checkpoint's address, each with the address after it. One whose end is missing is left out.
    /// </summary>
    /// <exception cref="StorageCorruptionException">The log does not reach back to the address, or holds what cannot be read.</exception>
    /// <exception cref="UnsupportedFormatVersionException">A newer build wrote an entry.</exception>
    public static void ReadBatches(WriteLog log, long from, Action<List<LogOperation>, long> visit, CancellationToken cancellationToken)
    {
        if (log.BeginAddress > from)
        {
            throw new StorageCorruptionException(
                $"The write log begins at {log.BeginAddress}, after the checkpoint's address {from}: files of two states were mixed. Restore the folder from a snapshot."
            );
        }
        var assembler = new LogBatchCodec.Assembler();
        log.ReadFrom(
            from,
            (entry, nextAddress) =>
            {
                try
                {
                    if (assembler.Take(entry))
                        visit(LogBatchCodec.Read(assembler.Batch), nextAddress);
                }
                catch (FormatException e)
                {
                    throw new StorageCorruptionException(
                        $"The write log before address {nextAddress} cannot be read: {e.Message} Restore the folder from a snapshot.",
                        address: nextAddress,
                        innerException: e
                    );
                }
            },
            cancellationToken
        );
    }

    /// <summary>What was taken out of the views.</summary>
    public HashSet<int> Removed { get; } = [];

    /// <summary>Takes a batch; some at a time go into the views and the bitmap, vectors on all threads, as if they were one.</summary>
    public void Add(IReadOnlyList<LogOperation> operations, LiveSnapshotBuilder live)
    {
        _waiting.AddRange(operations);
        if (_waiting.Count >= MostWaiting)
            Replay(live);
    }

    /// <summary>Puts what waits into the views and the bitmap.</summary>
    public void Replay(LiveSnapshotBuilder live)
    {
        // Only what a key has in the end is put in. No ordinal is taken out and given out again behind one checkpoint.
        var last = new Dictionary<byte[], LogOperation>(ByteArrayComparer.Instance);
        var gone = new List<int>();
        foreach (var operation in _waiting)
        {
            if (operation.Ordinal >= 0)
                ordinals.Observe(operation.Ordinal);
            if (operation.Previous >= 0)
                gone.Add(operation.Previous);
            if (operation.Kind == WriteOperationKind.SetMetadata)
                metadata.Set(operation.MetadataName!, operation.MetadataValue);
            else
                last[operation.Key] = operation;
        }

        var added = new List<NewRecord>();
        foreach (var operation in last.Values)
        {
            if (operation.Kind != WriteOperationKind.Upsert)
                continue;
            var document = DocumentCodec.Read(schema, operation.Record);
            added.Add(
                new NewRecord(
                    operation.Ordinal,
                    operation.Record,
                    [.. schema.Fields.Select(field => document[field.Name])],
                    operation.Vectors
                )
            );
        }

        views.Put(added);
        foreach (var (key, operation) in last)
            keys.Map(key, operation.Ordinal);
        foreach (var record in added)
            live.Add(record.Ordinal);
        foreach (var ordinal in gone)
            live.Remove(ordinal);
        views.Remove(gone);
        Removed.UnionWith(gone);
        _waiting.Clear();
    }

    private sealed class ByteArrayComparer : IEqualityComparer<byte[]>
    {
        public static readonly ByteArrayComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] bytes)
        {
            var hash = default(HashCode);
            hash.AddBytes(bytes);
            return hash.ToHashCode();
        }
    }
}
