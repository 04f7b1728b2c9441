using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SearchEngine.Lexical;
using SearchEngine.Storage;
using SearchEngine.Vectors;

namespace SearchEngine;

public sealed partial class SearchCollection
{
    /// <summary>Memory share of the graph's store: nodes are read only at opening, so its log needs little.</summary>
    private const int GraphMemoryDivisor = 8;

    /// <summary>Makes a collection's files; the schema is written last, so that an interrupted creation leaves no collection.</summary>
    internal static SearchCollection Create(SearchDatabaseOptions options, CollectionFiles files, CollectionSchema schema)
    {
        files.Begin();
        var open = new Stack<IDisposable>();
        try
        {
            var log = Opened(open, WriteLog.Open(files.Log, LogOptions(options)));
            var records = Opened(open, RecordStore.Create(files.Records, RecordOptions(options)));
            var graph = Opened(open, RecordStore.Create(files.Graph, GraphOptions(options)));
            var lexicalSchema = LexicalMapping.ToLexical(schema);
            var lexical = lexicalSchema is null ? null : Opened(open, OpenLexical(options, files, lexicalSchema, null));
            var vectors = schema.Vectors.Select((field, i) => Opened(open, VectorFieldIndex.Create(field, i, records, graph, options.IndexThreads))).ToArray();
            var collection = new SearchCollection(options, files, schema, new OpenedViews(log, records, graph, lexical, vectors, new LiveOrdinals(), 0, 0, log.TailAddress, log.TailAddress, null));
            collection.CheckpointCoreAsync(CancellationToken.None).GetAwaiter().GetResult();
            SchemaFile.Write(files.Schema, schema, options.Files);
            files.Finish();
            collection.Start();
            return collection;
        }
        catch
        {
            while (open.TryPop(out var opened)) opened.Dispose();
            throw;
        }
    }

    /// <summary>Opens a collection: the newest whole checkpoint, then the log after its address.</summary>
    internal static SearchCollection Open(SearchDatabaseOptions options, CollectionFiles files, CancellationToken cancellationToken)
    {
        var schema = SchemaFile.Read(files.Schema);
        var manifest = ManifestCodec.Read(files);
        if (!options.ReadOnly) files.Finish();
        var open = new Stack<IDisposable>();
        try
        {
            var log = Opened(open, WriteLog.Open(files.Log, LogOptions(options) with { MustExist = true }));
            var records = Opened(open, RecordStore.Recover(files.Records, RecordOptions(options), manifest.Records));
            var graph = Opened(open, RecordStore.Recover(files.Graph, GraphOptions(options), manifest.Graph));
            var lexicalSchema = LexicalMapping.ToLexical(schema);
            var lexical = lexicalSchema is null ? null : Opened(open, OpenLexical(options, files, lexicalSchema, manifest.LexicalGeneration));
            var vectors = schema.Vectors.Select((field, i) => Opened(open, VectorFieldIndex.Load(field, i, records, graph, options.IndexThreads))).ToArray();
            var live = LoadLive(records, manifest.LivePieces);
            var views = new OpenedViews(log, records, graph, lexical, vectors, live, manifest.NextOrdinal, manifest.NextBatch, manifest.Address, manifest.Address, manifest.Written);
            var collection = new SearchCollection(options, files, schema, views);
            collection.Recover(cancellationToken);
            collection.Start();
            return collection;
        }
        catch
        {
            while (open.TryPop(out var opened)) opened.Dispose();
            throw;
        }
    }

    private void Start()
    {
        _lexicalWrites = 1;
        if (_options.ReadOnly) return;
        _writeLoop = Task.Run(RunWriteLoopAsync);
        if (_options.CheckpointInterval > TimeSpan.Zero)
            _checkpointTimer = new Timer(_ => StartBackgroundCheckpoint(), null, _options.CheckpointInterval, _options.CheckpointInterval);
    }

    /// <summary>Replays the log after the checkpoint; a batch whose end is missing was never acknowledged.</summary>
    private void Recover(CancellationToken cancellationToken)
    {
        // An ordinal that the image holds as removed must be free before the replay may add it again.
        foreach (var vector in _vectors) vector.Index.Repair(cancellationToken);
        var replayed = _checkpointAddress;
        ReadBatches(
            _log,
            _checkpointAddress,
            (operations, nextAddress) =>
            {
                Replay(operations);
                _nextBatch++;
                replayed = nextAddress;
            },
            cancellationToken);
        _appliedAddress = replayed;
        if (replayed != _checkpointAddress && !_options.ReadOnly)
        {
            // Frees what the replay deleted, and makes the next opening short.
            CheckpointCoreAsync(cancellationToken).GetAwaiter().GetResult();
        }

        _freeOrdinals.Clear();
        for (var ordinal = 0; ordinal < _nextOrdinal; ordinal++)
        {
            if (!_live.Contains(ordinal)) _freeOrdinals.Enqueue(ordinal);
        }
    }

    /// <summary>Visits the log's batches behind a checkpoint's address, each with the address after it. One whose end is missing is left out.</summary>
    /// <exception cref="StorageCorruptionException">The log does not reach back to the address, or holds what cannot be read.</exception>
    /// <exception cref="UnsupportedFormatVersionException">A newer build wrote an entry.</exception>
    private static void ReadBatches(WriteLog log, long from, Action<List<LogOperation>, long> visit, CancellationToken cancellationToken)
    {
        if (log.BeginAddress > from)
            throw new StorageCorruptionException($"The write log begins at {log.BeginAddress}, after the checkpoint's address {from}: files of two states were mixed. Restore the folder from a snapshot.");
        var assembler = new LogBatchCodec.Assembler();
        log.ReadFrom(
            from,
            (entry, nextAddress) =>
            {
                try
                {
                    if (assembler.Take(entry)) visit(LogBatchCodec.Read(assembler.Batch), nextAddress);
                }
                catch (FormatException e)
                {
                    throw new StorageCorruptionException($"The write log before address {nextAddress} cannot be read: {e.Message} Restore the folder from a snapshot.", address: nextAddress, innerException: e);
                }
            },
            cancellationToken);
    }

    private void Replay(List<LogOperation> operations)
    {
        var prepared = new List<(LogOperation, PreparedOperation)>(operations.Count);
        foreach (var operation in operations)
        {
            var values = operation.Kind == WriteOperationKind.Upsert ? Values(DocumentCodec.Read(Schema, operation.Record)) : [];
            prepared.Add((operation, new PreparedOperation(operation.Kind, default, operation.Key, operation.Record, values, operation.Vectors, operation.MetadataName, operation.MetadataValue)));
            if (operation.Ordinal >= _nextOrdinal) _nextOrdinal = operation.Ordinal + 1;
        }

        Apply(prepared);
    }

    private object?[] Values(Document document) => [.. Schema.Fields.Select(field => document[field.Name])];

    private static LiveOrdinals LoadLive(RecordStore records, int pieces)
    {
        var words = new ulong[pieces * LivePieceWords];
        var key = new byte[4];
        var buffer = new ArrayBufferWriter<byte>(LivePieceWords * 8);
        for (var piece = 0; piece < pieces; piece++)
        {
            BinaryPrimitives.WriteInt32BigEndian(key, piece);
            buffer.ResetWrittenCount();
            if (!records.TryRead(RecordSpaces.Live, key, buffer) || buffer.WrittenCount % 8 != 0 || buffer.WrittenCount > LivePieceWords * 8)
                throw new StorageCorruptionException($"Piece {piece} of the live bitmap is missing or has a wrong length.");
            MemoryMarshal.Cast<byte, ulong>(buffer.WrittenSpan).CopyTo(words.AsSpan(piece * LivePieceWords));
        }

        return new LiveOrdinals(words);
    }

    private static T Opened<T>(Stack<IDisposable> open, T opened)
        where T : IDisposable
    {
        open.Push(opened);
        return opened;
    }

    private static LexicalIndex OpenLexical(SearchDatabaseOptions options, CollectionFiles files, LexicalSchema schema, long? generation)
    {
        if (options.ReadOnly && generation is { } commit) return LexicalIndex.OpenReadOnly(files.Lexical, schema, commit);
        options.Files.CreateDirectory(files.Lexical);
        return LexicalIndex.Open(files.Lexical, schema, generation, options.Seams?.Lexical);
    }

    private static WriteLogOptions LogOptions(SearchDatabaseOptions options) => new()
    {
        Durability = options.Durability switch
        {
            DatabaseDurability.EveryWrite => Durability.EveryWrite,
            DatabaseDurability.Interval => Durability.Interval,
            _ => Durability.None,
        },
        Interval = options.DurabilityInterval,
        ReadOnly = options.ReadOnly,
        FileFactory = options.Files,
    };

    private static RecordStoreOptions RecordOptions(SearchDatabaseOptions options) => StoreOptions(options, options.MemoryBytes);

    private static RecordStoreOptions GraphOptions(SearchDatabaseOptions options) => StoreOptions(options, Math.Max(RecordStoreOptions.MinimumMemoryBytes, options.MemoryBytes / GraphMemoryDivisor));

    private static RecordStoreOptions StoreOptions(SearchDatabaseOptions options, long memoryBytes) => new()
    {
        MemoryBytes = options.Seams?.StoreBytes ?? memoryBytes,
        IndexBytesForTests = options.Seams?.IndexBytes,
        IndexImageBytes = options.Seams?.IndexImageBytes,
        ReadOnly = options.ReadOnly,
        FileFactory = options.Files,
    };
}
