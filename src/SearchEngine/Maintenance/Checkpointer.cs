using System.Globalization;
using SearchEngine.Moments;
using SearchEngine.Storage;
using SearchEngine.Writing;

namespace SearchEngine.Maintenance;

/// <summary>
/// Brings every view to one log address on disk and truncates the log, while readers and writers go on. One checkpoint at a time;
/// whoever needs the files of one to stay (a snapshot, a compaction) holds the gate meanwhile. Gates are always taken in the order
/// checkpoint, write loop. Thread-safe.
/// </summary>
internal sealed class Checkpointer(
    SearchDatabaseOptions options,
    CollectionFiles files,
    CollectionViews views,
    WritePipeline pipeline,
    OrdinalAllocator ordinals,
    Timeline timeline,
    VectorImages images,
    long address,
    RecordCheckpoint? graph,
    DateTimeOffset? written
)
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private long _address = address;
    private long _attempted = address;
    private bool _isClosed;

    /// <summary>The log address of the newest whole checkpoint.</summary>
    public long Address => Volatile.Read(ref _address);

    /// <summary>The log address of the last one that was begun: where it failed, the open views carry it already.</summary>
    public long AttemptedAddress => Volatile.Read(ref _attempted);

    /// <summary>The graph store's part of it; null before the first.</summary>
    public RecordCheckpoint? Graph { get; private set; } = graph;

    /// <summary>When it was written; null before the first.</summary>
    public DateTimeOffset? Written { get; private set; } = written;

    /// <summary>Log bytes that a recovery would replay.</summary>
    public long LogBytes => Math.Max(0, views.Log.TailAddress - Address);

    /// <summary>Whether anything was written since.</summary>
    public bool IsDue => pipeline.AppliedAddress != Address;

    /// <summary>Whether a closing checkpoint, though nothing was written since the last, would make the next opening shorter.</summary>
    private bool IsClosingDue =>
        images.AreDue(views.Vectors, closing: true) || views.Graph.IsClosingImageDue || views.Records.IsClosingImageDue;

    /// <summary>Writes a checkpoint.</summary>
    public Task<ManifestContent> RunAsync(CancellationToken cancellationToken) =>
        HoldingGateAsync(() => WriteHoldingGateAsync(cancellationToken), cancellationToken);

    /// <summary>
    /// Waits for whoever holds the gate, writes a last checkpoint where one is wanted and due (or images are), and lets nobody in any more.
    /// </summary>
    public Task CloseAsync(bool write) =>
        HoldingGateAsync(
            async () =>
            {
                _isClosed = true;
                return write && (IsDue || IsClosingDue) ? await WriteHoldingGateAsync(CancellationToken.None).ConfigureAwait(false) : null;
            },
            CancellationToken.None
        );

    /// <summary>Runs something while no checkpoint does.</summary>
    /// <exception cref="ObjectDisposedException">The collection was closed.</exception>
    public async Task<T> HoldingGateAsync<T>(Func<Task<T>> run, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(SearchCollection));
            return await run().ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Writes a checkpoint; the caller holds the gate, and its files stay until the gate is left.</summary>
    public async Task<ManifestContent> WriteHoldingGateAsync(CancellationToken cancellationToken)
    {
        // 1. Between two groups of writes: everything before this address is in the views, and what was taken out of them up to here may be
        //    given out again when the checkpoint is whole. What comes later may be in the images too: replay is idempotent.
        var start = await pipeline
            .BetweenGroupsAsync(
                () => new Start(pipeline.AppliedAddress, timeline.Current.Live, pipeline.Retired.ToArray(), ordinals.BeginCheckpoint()),
                cancellationToken
            )
            .ConfigureAwait(false);
        try
        {
            var manifest = await WriteAsync(start, cancellationToken).ConfigureAwait(false);
            await pipeline
                .BetweenGroupsAsync(() => Done(() => ordinals.CompleteCheckpoint(start.Released)), CancellationToken.None)
                .ConfigureAwait(false);
            return manifest;
        }
        catch
        {
            // Cancelled, or the disk refused: the next checkpoint frees them.
            await pipeline
                .BetweenGroupsAsync(() => Done(() => ordinals.AbandonCheckpoint(start.Released)), CancellationToken.None)
                .ConfigureAwait(false);
            throw;
        }
    }

    private async Task<ManifestContent> WriteAsync(Start start, CancellationToken cancellationToken)
    {
        // With relaxed durability a loss of power must not leave a log that ends before the address the manifest names.
        views.Log.Flush();

        // 2. Heal the graphs, then write the images.
        Volatile.Write(ref _attempted, start.Address);
        if (start.Released.Length > 0)
        {
            foreach (var vector in views.Vectors)
                vector.Index.Repair(cancellationToken);
        }

        foreach (var vector in views.Vectors)
            vector.Index.SaveChanges(vector);
        images.Renew(views.Vectors, closing: _isClosed);
        var pieces = LiveImage.SaveLive(views.Records, start.Live);
        LiveImage.SaveRetired(views.Records, start.Retired);
        var generation =
            views.Lexical?.Commit(
                new Dictionary<string, string> { [ManifestCodec.AddressProperty] = start.Address.ToString(CultureInfo.InvariantCulture) }
            )
            ?? 0;
        // Lucene forces its files to the disk, not their names.
        if (views.Lexical is not null)
            options.Files.FlushDirectory(files.Lexical);
        LiveImage.SaveAddress(views.Records, start.Address);
        LiveImage.SaveAddress(views.Graph, start.Address);
        var graph = await views.Graph.CheckpointAsync(_isClosed, cancellationToken).ConfigureAwait(false);
        images.SaveChanges(views.Vectors, graph);
        var records = await views.Records.CheckpointAsync(_isClosed, cancellationToken).ConfigureAwait(false);

        // 3. The images may hold writes behind the address: the log must reach as far as they do. Then the manifest makes it count.
        views.Log.Flush();
        var time = DateTimeOffset.UtcNow;
        var manifest = new ManifestContent(
            start.Address,
            records,
            graph,
            generation,
            ordinals.Next,
            pipeline.NextBatch,
            pieces,
            start.Retired.Length,
            time
        )
        {
            Views = files.Views,
        };
        ManifestCodec.Write(files.Directory, manifest, options.Files);
        Volatile.Write(ref _address, start.Address);
        (Graph, Written) = (graph, time);

        // 4. Only now may the old go.
        views.Log.TruncateBefore(start.Address);
        views.Records.RemoveCheckpointsExcept(records);
        views.Graph.RemoveCheckpointsExcept(graph);
        images.RemoveOthers(graph);
        return manifest;
    }

    private static bool Done(Action run)
    {
        run();
        return true;
    }

    /// <summary>Where a checkpoint begins.</summary>
    private sealed record Start(long Address, LiveSnapshot Live, int[] Retired, int[] Released);
}
