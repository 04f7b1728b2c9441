using SearchEngine.Lexical;
using SearchEngine.Moments;
using SearchEngine.Storage;

namespace SearchEngine.Maintenance;

/// <summary>Makes, opens and repairs collections.</summary>
internal static class CollectionOpener
{
    /// <summary>Memory share of the graph's store: nodes are read only at opening, so its log needs little.</summary>
    private const int GraphMemoryDivisor = 8;

    /// <summary>
    /// Batch numbers passed over at every opening: with relaxed durability a loss of power may take the last batches, and a version that
    /// somebody saw must not come back on another record.
    /// </summary>
    private const ulong BatchGap = 1 << 24;

    /// <summary>Makes a collection's files; the schema is written last, so that an interrupted creation leaves no collection.</summary>
    public static SearchCollection Create(SearchDatabaseOptions options, CollectionFiles files, CollectionSchema schema)
    {
        files.Begin();
        using var opening = new Opening(options, files, schema);
        var log = opening.Log(mustExist: false);
        var views = opening.Views(log, opening.NewRecords());
        var engine = new CollectionEngine(
            options,
            files,
            schema,
            views,
            new OpenedState(LiveSnapshot.Empty, 0, log.TailAddress, null, null, opening.Images)
        );
        engine.Pipeline.Position(0, log.TailAddress);
        engine.Checkpointer.RunAsync(CancellationToken.None).GetAwaiter().GetResult();
        SchemaFile.Write(files.Schema, schema, options.Files);
        files.Finish();
        return opening.Done(engine);
    }

    /// <summary>Opens a collection: the newest whole checkpoint, then the log after its address.</summary>
    public static SearchCollection Open(SearchDatabaseOptions options, CollectionFiles files, CancellationToken cancellationToken)
    {
        var schema = SchemaFile.Read(files.Schema);
        var manifest = ManifestCodec.Read(files);
        files = files.WithViews(manifest.Views);
        if (!options.ReadOnly)
            files.Finish();
        using var opening = new Opening(options, files, schema);
        var log = opening.Log(mustExist: true);
        var views = opening.LoadedViews(log, manifest);
        var engine = new CollectionEngine(
            options,
            files,
            schema,
            views,
            new OpenedState(
                LiveImage.LoadLive(views.Records, manifest.LivePieces),
                manifest.NextOrdinal,
                manifest.Address,
                manifest.Graph,
                manifest.Written,
                opening.Images
            )
        );
        var retired = LiveImage.LoadRetired(views.Records, manifest.Retired);
        engine.Views.Remove(retired);
        var removed = Recover(engine, manifest, cancellationToken);
        removed.UnionWith(retired);
        engine.Ordinals.FreeAllBut(engine.Timeline.Current.Live, removed);
        if (!options.ReadOnly)
        {
            // Where a loss of power may take batches that were acknowledged, the numbers passed over must stay so.
            if (options.Durability != DatabaseDurability.EveryWrite)
                ManifestCodec.Write(files.Directory, manifest with { NextBatch = engine.Pipeline.NextBatch }, options.Files);
            files.RemoveOtherViews();
        }

        var opened = opening.Done(engine);
        // The log that was replayed would be replayed by the next opening too: a checkpoint lets it go, while searches are answered.
        if (!options.ReadOnly)
            engine.Housekeeper.StartCheckpoint(always: retired.Length > 0);
        return opened;
    }

    /// <summary>
    /// Opens a collection with every derived view made anew from the records: key map, live bitmap, vector indexes, keyword index. Then
    /// the log is replayed as at any opening. Needs sound records and log, which are read first. The new views are made beside the old
    /// ones,
    /// in folders of their own; the checkpoint at the end names them, and only then do the old ones go: cancelled or killed on the way, the
    /// collection is as it was.
    /// </summary>
    public static (SearchCollection Collection, RepairReport Report) Repair(
        SearchDatabaseOptions options,
        CollectionFiles files,
        IProgress<string>? progress,
        CancellationToken cancellationToken
    )
    {
        var schema = SchemaFile.Read(files.Schema);
        var manifest = ManifestCodec.Read(files);
        files = files.WithViews(manifest.Views).WithNewViews();
        using var opening = new Opening(options, files, schema);
        var log = opening.Log(mustExist: true);
        var records = opening.RecoveredRecords(manifest);
        CollectionRepairer.ReadSources(log, records, manifest.Address, cancellationToken);
        var views = opening.Views(log, records);
        var engine = new CollectionEngine(
            options,
            files,
            schema,
            views,
            new OpenedState(LiveSnapshot.Empty, manifest.NextOrdinal, manifest.Address, null, manifest.Written, opening.Images)
        );
        var (live, report) = engine.Repairer().Run(LiveImage.LoadRetired(records, manifest.Retired), progress, cancellationToken);
        engine.Timeline.Reset(live);
        Recover(engine, manifest, cancellationToken);
        engine.Checkpointer.RunAsync(cancellationToken).GetAwaiter().GetResult();
        engine.Ordinals.FreeAllBut(engine.Timeline.Current.Live, new HashSet<int>());
        files.RemoveOtherViews();
        return (opening.Done(engine), report);
    }

    /// <summary>Replays the log after the checkpoint; a batch whose end is missing was never acknowledged.</summary>
    /// <returns>The ordinals that the replay took out of the views.</returns>
    private static HashSet<int> Recover(CollectionEngine engine, ManifestContent manifest, CancellationToken cancellationToken)
    {
        // For speed: what the image holds as removed can be added again without a repair, but only one at a time, each healing its own
        // surroundings.
        foreach (var vector in engine.Parts.Vectors)
            vector.Index.Repair(cancellationToken);
        var live = new LiveSnapshotBuilder(engine.Timeline.Current.Live);
        var replayer = engine.Replayer();
        var batch = manifest.NextBatch;
        var replayed = manifest.Address;
        LogReplayer.ReadBatches(
            engine.Parts.Log,
            manifest.Address,
            (operations, nextAddress) =>
            {
                replayer.Add(operations, live);
                batch++;
                replayed = nextAddress;
            },
            cancellationToken
        );
        replayer.Replay(live);
        engine.Timeline.Reset(live.Build());
        engine.Pipeline.Position(batch + BatchGap, replayed);
        return replayer.Removed;
    }

    /// <summary>What is open while a collection is being opened; closed again unless that is done.</summary>
    private sealed class Opening(SearchDatabaseOptions options, CollectionFiles files, CollectionSchema schema) : IDisposable
    {
        private readonly Stack<IDisposable> _open = new();

        public WriteLog Log(bool mustExist) => Opened(WriteLog.Open(files.Log, LogOptions() with { MustExist = mustExist }));

        public RecordStore NewRecords() => Opened(RecordStore.Create(files.Records, StoreOptions(options.MemoryBytes)));

        public RecordStore RecoveredRecords(ManifestContent manifest) =>
            Opened(RecordStore.Recover(files.Records, StoreOptions(options.MemoryBytes), manifest.Records));

        /// <summary>The views with new, empty graphs and keyword index.</summary>
        public CollectionViews Views(WriteLog log, RecordStore records)
        {
            var graph = Opened(RecordStore.Create(files.Graph, GraphOptions()));
            var lexical = Lexical(null) is { } words ? Opened(words) : null;
            return new CollectionViews(
                log,
                records,
                graph,
                lexical,
                [.. schema.Vectors.Select((field, i) => Opened(VectorFieldIndex.Create(field, i, records, graph, options.IndexThreads)))]
            );
        }

        /// <summary>The views of a checkpoint. None of the stores needs another: graph and words are opened beside the records.</summary>
        public CollectionViews LoadedViews(WriteLog log, ManifestContent manifest)
        {
            using var besideGraph = new SideOpening<RecordStore>(() => RecordStore.Recover(files.Graph, GraphOptions(), manifest.Graph));
            using var besideLexical = new SideOpening<LexicalIndex?>(() => Lexical(manifest.LexicalGeneration));
            var records = RecoveredRecords(manifest);
            var graph = Opened(besideGraph.Take());
            var lexical = besideLexical.Take() is { } words ? Opened(words) : null;
            return new CollectionViews(
                log,
                records,
                graph,
                lexical,
                [
                    .. schema.Vectors.Select(
                        (field, i) => Opened(VectorFieldIndex.Load(field, i, records, graph, options.IndexThreads, Images, manifest.Graph))
                    ),
                ]
            );
        }

        /// <summary>Images of the vector indexes.</summary>
        public VectorImages Images { get; } = VectorImages.Of(options, files);

        public SearchCollection Done(CollectionEngine engine)
        {
            engine.Start();
            _open.Clear();
            return new SearchCollection(engine);
        }

        public void Dispose()
        {
            while (_open.TryPop(out var opened))
                opened.Dispose();
        }

        private long GraphMemory => Math.Max(RecordStoreOptions.MinimumMemoryBytes, options.MemoryBytes / GraphMemoryDivisor);

        private LexicalIndex? Lexical(long? generation)
        {
            if (LexicalMapping.ToLexical(schema) is not { } lexicalSchema)
                return null;
            if (options.ReadOnly && generation is { } commit)
                return LexicalIndex.OpenReadOnly(files.Lexical, lexicalSchema, commit);
            options.Files.CreateDirectory(files.Lexical);
            return LexicalIndex.Open(files.Lexical, lexicalSchema, generation, options.Storage.Lexical);
        }

        private T Opened<T>(T opened)
            where T : IDisposable
        {
            _open.Push(opened);
            return opened;
        }

        private WriteLogOptions LogOptions() =>
            new()
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

        // Nodes are read at opening, one after the other, or only those that changed since the image.
        private RecordStoreOptions GraphOptions() => StoreOptions(GraphMemory) with { Preload = false };

        private RecordStoreOptions StoreOptions(long memoryBytes) =>
            new()
            {
                MemoryBytes = options.Storage.StoreBytes ?? memoryBytes,
                HashIndexBytes = options.Storage.HashIndexBytes,
                IndexImageBytes = options.Storage.IndexImageBytes,
                ReadOnly = options.ReadOnly,
                FileFactory = options.Files,
            };
    }
}

/// <summary>
/// What an opening starts from: the checkpoint's live bitmap, the next ordinal, its log address, the graph store's part, its time, and the
/// images of the vector indexes.
/// </summary>
internal sealed record OpenedState(
    LiveSnapshot Live,
    int NextOrdinal,
    long CheckpointAddress,
    RecordCheckpoint? Graph,
    DateTimeOffset? Written,
    VectorImages Images
);
