using System.Buffers.Binary;
using SearchEngine.Moments;
using SearchEngine.Reading;
using SearchEngine.Storage;
using SearchEngine.Writing;

namespace SearchEngine.Maintenance;

/// <summary>
/// Makes the derived views of a collection anew from its records: key map, live bitmap, vector indexes, keyword index. For an opening whose
/// graphs and keyword index are empty, while there are no readers.
/// </summary>
internal sealed class CollectionRepairer(
    CollectionSchema schema,
    CollectionViews views,
    KeyDirectory keys,
    ViewWriter writer,
    OrdinalAllocator ordinals,
    int indexThreads
)
{
    private const int BatchSize = 1024;

    private readonly int _threads = indexThreads > 0 ? indexThreads : Environment.ProcessorCount;
    private readonly List<string> _changes = [];

    /// <summary>
    /// Reads the records' keys and the log to the end: where a damaged or newer one stops a repair, the views that are there stay.
    /// </summary>
    public static void ReadSources(WriteLog log, RecordStore records, long address, CancellationToken cancellationToken)
    {
        records.Scan(RecordSpaces.Record, static (_, value) => DocumentCodec.ReadKey(value), cancellationToken);
        LogReplayer.ReadBatches(log, address, static (_, _) => { }, cancellationToken);
    }

    /// <summary>Rebuilds; returns what is live and what was found.</summary>
    /// <param name="retired">Records that were dead at the checkpoint and may be in its image: they do not come back.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Stops between records.</param>
    public (LiveSnapshot Live, RepairReport Report) Run(int[] retired, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        progress?.Report("reading records");
        writer.Remove(retired);
        var found = ReadRecordKeys(cancellationToken);
        RebuildKeyMap(found, cancellationToken);

        var live = new LiveSnapshotBuilder(LiveSnapshot.Empty);
        var done = 0;
        var vectorCount = 0;
        foreach (var chunk in found.Values.Order().Chunk(BatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var ordinal in chunk)
            {
                live.Add(ordinal);
                ordinals.Observe(ordinal);
            }

            AddDocuments(chunk);
            foreach (var vector in views.Vectors)
                vectorCount += AddVectors(vector, chunk, cancellationToken);
            done += chunk.Length;
            progress?.Report($"{done} of {found.Count} records indexed");
        }

        var snapshot = live.Build();
        RemoveStrayVectors(snapshot);
        return (snapshot, new RepairReport(schema.Name, found.Count, vectorCount, _changes));
    }

    private void AddDocuments(int[] chunk)
    {
        if (views.Lexical is null)
            return;
        var key = new byte[4];
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        views.Lexical.Add(
            chunk.Select(ordinal =>
            {
                BinaryPrimitives.WriteInt32BigEndian(key, ordinal);
                buffer.ResetWrittenCount();
                views.Records.TryRead(RecordSpaces.Record, key, buffer);
                var document = DocumentCodec.Read(schema, buffer.WrittenSpan);
                return LexicalMapping.ToLexical(schema, ordinal, [.. schema.Fields.Select(field => document[field.Name])]);
            })
        );
    }

    private int AddVectors(VectorFieldIndex vector, int[] chunk, CancellationToken cancellationToken)
    {
        var added = 0;
        Parallel.ForEach(
            chunk,
            new ParallelOptions { MaxDegreeOfParallelism = _threads, CancellationToken = cancellationToken },
            () => new float[vector.Field.Dimension],
            (ordinal, _, buffer) =>
            {
                if (vector.TryRead(ordinal, buffer) && vector.Index.TryAdd(ordinal, buffer))
                    Interlocked.Increment(ref added);
                return buffer;
            },
            _ => { }
        );
        return added;
    }

    /// <summary>The newest ordinal of every key that has a record.</summary>
    private Dictionary<RecordKey, int> ReadRecordKeys(CancellationToken cancellationToken)
    {
        var found = new Dictionary<RecordKey, int>();
        var superseded = new List<int>();
        views.Records.Scan(
            RecordSpaces.Record,
            (key, value) =>
            {
                var ordinal = BinaryPrimitives.ReadInt32BigEndian(key);
                var record = RecordKey.Decode(DocumentCodec.ReadKey(value));
                if (!found.TryGetValue(record, out var other))
                {
                    found[record] = ordinal;
                    return;
                }

                // Two records of one key: the one that the key map names is the last that was acknowledged.
                var named = keys.Mapped(record.Encode());
                var kept = named == ordinal || named == other ? named : Math.Max(ordinal, other);
                found[record] = kept;
                superseded.Add(kept == ordinal ? other : ordinal);
            },
            cancellationToken
        );
        var recordKey = new byte[4];
        foreach (var ordinal in superseded)
        {
            BinaryPrimitives.WriteInt32BigEndian(recordKey, ordinal);
            views.Records.Delete(RecordSpaces.Record, recordKey);
            _changes.Add($"record {ordinal} was removed: a newer one has its key");
        }

        return found;
    }

    private void RebuildKeyMap(Dictionary<RecordKey, int> found, CancellationToken cancellationToken)
    {
        var stray = new List<byte[]>();
        views.Records.Scan(
            RecordSpaces.Key,
            (key, _) =>
            {
                if (!found.ContainsKey(RecordKey.Decode(key)))
                    stray.Add(key.ToArray());
            },
            cancellationToken
        );
        foreach (var key in stray)
        {
            keys.Map(key, -1);
            _changes.Add($"key '{RecordKey.Decode(key)}' was removed from the key map: it has no record");
        }

        foreach (var (key, ordinal) in found)
        {
            var encoded = key.Encode();
            if (keys.Mapped(encoded) == ordinal)
                continue;
            keys.Map(encoded, ordinal);
            _changes.Add($"key '{key}' was entered into the key map again");
        }
    }

    private void RemoveStrayVectors(LiveSnapshot live)
    {
        foreach (var vector in views.Vectors)
        {
            var stray = new List<int>();
            vector.ForEachStored(
                ordinal =>
                {
                    if (!live.Contains(ordinal))
                        stray.Add(ordinal);
                },
                CancellationToken.None
            );
            foreach (var ordinal in stray)
                vector.Erase(ordinal);
            if (stray.Count > 0)
                _changes.Add($"{stray.Count} vectors of '{vector.Field.Name}' were removed: they have no record");
        }
    }
}
