using System.Buffers.Binary;
using SearchEngine.Lexical;
using SearchEngine.Storage;
using SearchEngine.Vectors;

namespace SearchEngine;

public sealed partial class SearchCollection
{
    private const int RepairBatch = 1024;

    /// <summary>
    /// Opens a collection with every derived view made anew from the records: key map, live bitmap, vector indexes, keyword index. Then
    /// the log is replayed as at any opening. Needs sound records and log, which are read first; a crash on the way leaves the records as they were.
    /// </summary>
    internal static SearchCollection Repair(SearchDatabaseOptions options, CollectionFiles files, IProgress<string>? progress, out RepairReport report, CancellationToken cancellationToken)
    {
        var schema = SchemaFile.Read(files.Schema);
        var manifest = ManifestCodec.Read(files);
        var open = new Stack<IDisposable>();
        try
        {
            var log = Opened(open, WriteLog.Open(files.Log, LogOptions(options) with { MustExist = true }));
            var records = Opened(open, RecordStore.Recover(files.Records, RecordOptions(options), manifest.Records));
            ReadSources(log, records, manifest.Address, cancellationToken);
            foreach (var derived in new[] { files.Graph, files.Lexical })
            {
                if (Directory.Exists(derived)) options.Files.DeleteDirectory(derived);
            }

            var graph = Opened(open, RecordStore.Create(files.Graph, GraphOptions(options)));
            var lexicalSchema = LexicalMapping.ToLexical(schema);
            var lexical = lexicalSchema is null ? null : Opened(open, OpenLexical(options, files, lexicalSchema, null));
            var vectors = schema.Vectors.Select((field, i) => Opened(open, VectorFieldIndex.Create(field, i, records, graph, options.IndexThreads))).ToArray();
            var views = new OpenedViews(log, records, graph, lexical, vectors, new LiveOrdinals(), manifest.NextOrdinal, manifest.NextBatch, manifest.Address, manifest.Address, manifest.Written);
            var collection = new SearchCollection(options, files, schema, views);
            report = collection.RebuildViews(progress, cancellationToken);
            collection.Recover(cancellationToken);
            collection.CheckpointCoreAsync(cancellationToken).GetAwaiter().GetResult();
            collection.Start();
            return collection;
        }
        catch
        {
            while (open.TryPop(out var opened)) opened.Dispose();
            throw;
        }
    }

    /// <summary>Reads the records' keys and the log to the end: where a damaged or newer one stops the repair, the views that are there stay.</summary>
    private static void ReadSources(WriteLog log, RecordStore records, long address, CancellationToken cancellationToken)
    {
        records.Scan(RecordSpaces.Record, static (_, value) => DocumentCodec.ReadKey(value), cancellationToken);
        ReadBatches(log, address, static (_, _) => { }, cancellationToken);
    }

    private RepairReport RebuildViews(IProgress<string>? progress, CancellationToken cancellationToken)
    {
        progress?.Report("reading records");
        var changes = new List<string>();
        var keys = ReadRecordKeys(changes, cancellationToken);
        RebuildKeyMap(keys, changes, cancellationToken);

        var done = 0;
        var vectorCount = 0;
        foreach (var chunk in keys.Values.Order().Chunk(RepairBatch))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var documents = new List<LexicalDocument>(chunk.Length);
            foreach (var ordinal in chunk)
            {
                _live.Add(ordinal);
                if (ordinal >= _nextOrdinal) _nextOrdinal = ordinal + 1;
                if (_lexical is not null && ReadDocument(ordinal, includeVectors: false) is { } document)
                    documents.Add(LexicalMapping.ToLexical(Schema, ordinal, Values(document)));
            }

            if (documents.Count > 0) _lexical!.Add(documents);
            foreach (var vector in _vectors)
            {
                Parallel.ForEach(chunk, new ParallelOptions { MaxDegreeOfParallelism = IndexThreads, CancellationToken = cancellationToken }, () => new float[vector.Field.Dimension], (ordinal, _, buffer) =>
                {
                    if (vector.TryRead(ordinal, buffer) && vector.Index.TryAdd(ordinal, buffer)) Interlocked.Increment(ref vectorCount);
                    return buffer;
                }, _ => { });
            }

            done += chunk.Length;
            progress?.Report($"{done} of {keys.Count} records indexed");
        }

        RemoveStrayVectors(changes);
        return new RepairReport(Name, keys.Count, vectorCount, changes);
    }

    /// <summary>The newest ordinal of every key that has a record.</summary>
    private Dictionary<RecordKey, int> ReadRecordKeys(List<string> changes, CancellationToken cancellationToken)
    {
        var keys = new Dictionary<RecordKey, int>();
        var superseded = new List<int>();
        _records.Scan(
            RecordSpaces.Record,
            (key, value) =>
            {
                var ordinal = BinaryPrimitives.ReadInt32BigEndian(key);
                var record = RecordKey.Decode(DocumentCodec.ReadKey(value));
                if (!keys.TryGetValue(record, out var other))
                {
                    keys[record] = ordinal;
                    return;
                }

                // Two records of one key: the one that the key map names is the last that was acknowledged.
                var named = FindOrdinal(record.Encode());
                var kept = named == ordinal || named == other ? named : Math.Max(ordinal, other);
                keys[record] = kept;
                superseded.Add(kept == ordinal ? other : ordinal);
            },
            cancellationToken);
        var recordKey = new byte[4];
        foreach (var ordinal in superseded)
        {
            BinaryPrimitives.WriteInt32BigEndian(recordKey, ordinal);
            _records.Delete(RecordSpaces.Record, recordKey);
            changes.Add($"record {ordinal} was removed: a newer one has its key");
        }

        return keys;
    }

    private void RebuildKeyMap(Dictionary<RecordKey, int> keys, List<string> changes, CancellationToken cancellationToken)
    {
        var stray = new List<byte[]>();
        _records.Scan(
            RecordSpaces.Key,
            (key, _) =>
            {
                if (!keys.ContainsKey(RecordKey.Decode(key))) stray.Add(key.ToArray());
            },
            cancellationToken);
        foreach (var key in stray)
        {
            _records.Delete(RecordSpaces.Key, key);
            changes.Add($"key '{RecordKey.Decode(key)}' was removed from the key map: it has no record");
        }

        var value = new byte[4];
        foreach (var (key, ordinal) in keys)
        {
            var encoded = key.Encode();
            if (FindOrdinal(encoded) == ordinal) continue;
            BinaryPrimitives.WriteInt32BigEndian(value, ordinal);
            _records.Upsert(RecordSpaces.Key, encoded, value);
            changes.Add($"key '{key}' was entered into the key map again");
        }
    }

    private void RemoveStrayVectors(List<string> changes)
    {
        foreach (var vector in _vectors)
        {
            var stray = new List<int>();
            vector.ForEachStored(
                ordinal =>
                {
                    if (!_live.Contains(ordinal)) stray.Add(ordinal);
                },
                CancellationToken.None);
            foreach (var ordinal in stray) vector.Erase(ordinal);
            if (stray.Count > 0) changes.Add($"{stray.Count} vectors of '{vector.Field.Name}' were removed: they have no record");
        }
    }
}
