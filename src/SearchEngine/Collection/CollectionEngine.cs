using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SearchEngine.Maintenance;
using SearchEngine.Moments;
using SearchEngine.Reading;
using SearchEngine.Sharding;
using SearchEngine.Writing;

namespace SearchEngine;

/// <summary>
/// The collaborators of one open collection, put together: who reads, who writes, who keeps house. Each has one duty; this has none but to
/// join and to close them.
/// </summary>
internal sealed class CollectionEngine
{
    private readonly CollectionFiles _files;
    private CollectionShard? _shard;
    private int _disposed;

    public CollectionEngine(
        SearchDatabaseOptions options,
        CollectionFiles files,
        CollectionSchema schema,
        CollectionViews views,
        OpenedState state
    )
    {
        Options = options;
        Schema = schema;
        Parts = views;
        _files = files;
        Errors = new CollectionErrors(schema.Name, options.Directory);
        Timeline = new Timeline(schema.Name, options.Directory, state.Live);
        Ordinals = new OrdinalAllocator(state.NextOrdinal);
        Lexical = views.Lexical is null ? null : new LexicalView(views.Lexical);
        Keys = new KeyDirectory(views.Records, Errors);
        Metadata = new MetadataDirectory(views.Records, Errors);
        Records = new RecordReader(schema, views.Records, views.Vectors, Errors);
        Filters = new FilterResolver(schema, Lexical, Keys, Records, Errors);
        Queries = new RecordQueries(schema, Timeline, Filters, Records);
        Embedder = new DocumentEmbedder(schema, options.Embedder, Errors);
        Corrector = new QueryCorrector(schema, Lexical, Timeline);
        Vectors = new VectorRanker(views.Vectors);
        Words = new KeywordRanker(Lexical);
        Scorer = new CandidateScorer(Lexical, Vectors);
        Counter = new MatchCounter(schema, Lexical);
        Source = new CandidateSource(Records, Lexical);
        var explainer = new HitExplainer(Source);
        Searcher = new Searcher(
            schema,
            Timeline,
            Filters,
            Keys,
            Words,
            Vectors,
            Embedder,
            new HitAssembler(Source, explainer),
            Corrector,
            Counter,
            Scorer,
            new RerankStep(schema, Source, options.Reranker),
            new OrderingSteps(new BoostStep(Source), new DiversityStep(schema, Source)),
            new VerdictStep(schema, Source, explainer)
        );
        if (options.SynonymsFile is { } synonyms && views.Lexical is not null)
            views.Lexical.Synonyms = SearchEngine.Lexical.LexicalSynonyms.Load(synonyms);
        Preparer = new BatchPreparer(schema, Embedder);
        Views = new ViewWriter(schema, views, Lexical, options.IndexThreads);
        var logger = (ILogger?)options.LoggerFactory?.CreateLogger<SearchCollection>() ?? NullLogger.Instance;
        Pipeline = new WritePipeline(
            options,
            views.Log,
            Keys,
            Metadata,
            Views,
            new BatchPlanner(schema, Keys, Metadata, Records, Ordinals, Errors),
            Ordinals,
            Timeline,
            Errors,
            logger
        );
        FilteredWrites = new FilteredWriter(Timeline, Filters, Records, Pipeline);
        Images = state.Images;
        Checkpointer = new Checkpointer(
            options,
            files,
            views,
            Pipeline,
            Ordinals,
            Timeline,
            Images,
            state.CheckpointAddress,
            state.Graph,
            state.Written
        );
        Housekeeper = new Housekeeper(options, views, Pipeline, Checkpointer, logger);
        Pipeline.AfterGroup = Housekeeper.LimitLogAsync;
        Snapshots = new SnapshotWriter(schema, files, views, Checkpointer, options.Files);
        Verifier = new CollectionVerifier(schema, files, views, Keys, Lexical, Timeline, Pipeline, Checkpointer);
    }

    public SearchDatabaseOptions Options { get; }

    public CollectionSchema Schema { get; }

    public CollectionViews Parts { get; }

    public CollectionErrors Errors { get; }

    public Timeline Timeline { get; }

    public OrdinalAllocator Ordinals { get; }

    public LexicalView? Lexical { get; }

    public KeyDirectory Keys { get; }

    public MetadataDirectory Metadata { get; }

    public RecordReader Records { get; }

    public FilterResolver Filters { get; }

    public VectorRanker Vectors { get; }

    public KeywordRanker Words { get; }

    public CandidateScorer Scorer { get; }

    public MatchCounter Counter { get; }

    public CandidateSource Source { get; }

    /// <summary>The collection as a shard of a larger one; made when it is first asked for.</summary>
    public CollectionShard Shard => LazyInitializer.EnsureInitialized(ref _shard, () => new CollectionShard(this));

    public RecordQueries Queries { get; }

    public DocumentEmbedder Embedder { get; }

    public Searcher Searcher { get; }

    public QueryCorrector Corrector { get; }

    public BatchPreparer Preparer { get; }

    public ViewWriter Views { get; }

    public WritePipeline Pipeline { get; }

    public FilteredWriter FilteredWrites { get; }

    public Checkpointer Checkpointer { get; }

    public Housekeeper Housekeeper { get; }

    public VectorImages Images { get; }

    public SnapshotWriter Snapshots { get; }

    public CollectionVerifier Verifier { get; }

    public LogReplayer Replayer() => new(Schema, Keys, Metadata, Views, Ordinals);

    public CollectionRepairer Repairer() => new(Schema, Parts, Keys, Views, Ordinals, Options.IndexThreads);

    public CollectionInfo Info() =>
        new(Schema, Timeline.Current.Live.Count, _files.Bytes(), Checkpointer.LogBytes, Parts.MemoryBytes(), Checkpointer.Written);

    /// <summary>Takes writes from now on.</summary>
    public void Start()
    {
        Images.StartChecking(Parts.Vectors);
        if (Options.ReadOnly)
            return;
        Images.RemoveOthers(Checkpointer.Graph);
        Pipeline.Start();
        Housekeeper.Start();
    }

    /// <summary>Prepares a batch and has it carried out.</summary>
    public async Task<WriteResult> WriteAsync(WriteBatch batch, CancellationToken cancellationToken, WriteStamp? stamp = null)
    {
        var prepared = await Preparer.PrepareAsync(batch, cancellationToken).ConfigureAwait(false);
        if (prepared.Count == 0 && stamp is null)
            return new WriteResult(0, 0, 0, Parts.Log.DurableAddress);
        var result = await Pipeline.WriteAsync(prepared, cancellationToken, stamp).ConfigureAwait(false);
        SearchDiagnostics.Written(Schema.Name, result);
        return result;
    }

    public void ThrowIfClosed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, typeof(SearchCollection));

    public void ThrowIfNotWritable()
    {
        ThrowIfClosed();
        if (Options.ReadOnlyReason is { } reason)
        {
            throw Errors.Failed(
                SearchDatabaseError.ReadOnly,
                $"Collection '{Schema.Name}' cannot be changed: {reason}. Free space, then open the collection again."
            );
        }

        if (Options.ReadOnly)
        {
            throw Errors.Failed(
                SearchDatabaseError.ReadOnly,
                $"Collection '{Schema.Name}' cannot be changed: the database in {Options.Directory} was opened read-only."
            );
        }
        Pipeline.ThrowIfFaulted();
    }

    /// <summary>
    /// Stops the write loop after what is queued, writes a last checkpoint and releases the files when the reads that are running have ended,
    /// and snapshots, verifications and compactions too. What is only held open (an enumerator, a view) is not waited for.
    /// </summary>
    public async ValueTask CloseAsync(bool checkpoint)
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await Pipeline.CloseAsync().ConfigureAwait(false);
        await Housekeeper.CloseAsync().ConfigureAwait(false);
        await Images.CloseAsync().ConfigureAwait(false);
        try
        {
            var writes = checkpoint && !Options.ReadOnly && Pipeline.Fault is null;
            await Checkpointer.CloseAsync(writes).ConfigureAwait(false);
        }
        catch (Exception e) when (!Pipeline.HasWritten && DatabaseErrors.Of(e, Options.Directory, Schema.Name) is not null)
        {
            // Who has only read is not told that the log of an earlier run could not be let go: the next opening replays it again.
            Housekeeper.Report(e);
        }
        finally
        {
            await Timeline.CloseAsync().ConfigureAwait(false);
            Parts.Dispose();
        }
    }
}
