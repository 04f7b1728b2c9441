using Microsoft.Extensions.Logging;
using SearchEngine.Writing;

namespace SearchEngine.Maintenance;

/// <summary>
/// Keeps a collection's files short: starts checkpoints when the log is long or old, and gives the space of updates and deletes back.
/// Thread-safe.
/// </summary>
internal sealed partial class Housekeeper(
    SearchDatabaseOptions options,
    CollectionViews views,
    WritePipeline pipeline,
    Checkpointer checkpointer,
    ILogger logger
)
{
    /// <summary>Below this the fixed cost of a checkpoint would be felt in writing.</summary>
    private const long LeastCheckpointLogBytes = 16L << 20;

    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _lock = new();
    private Timer? _timer;
    private Task _background = Task.CompletedTask;

    /// <summary>The live data of both stores when they were last looked at, about.</summary>
    private long _liveBytes;

    /// <summary>
    /// Write log after which a checkpoint starts: what the options say, for a small collection half of its live data, so that the log
    /// does not take more room than the records.
    /// </summary>
    private long CheckpointLogBytes =>
        Math.Min(options.CheckpointLogBytes, Math.Max(LeastCheckpointLogBytes, Volatile.Read(ref _liveBytes) / 2));

    public void Start()
    {
        if (options.CheckpointInterval > TimeSpan.Zero)
            _timer = new Timer(_ => StartCheckpoint(), null, options.CheckpointInterval, options.CheckpointInterval);
    }

    /// <summary>Starts nothing more; what is running ends.</summary>
    public async Task CloseAsync()
    {
        _timer?.Dispose();
        await _closing.CancelAsync().ConfigureAwait(false);
        Task running;
        lock (_lock)
            running = _background;
        await running.ConfigureAwait(false);
        _closing.Dispose();
    }

    /// <summary>
    /// Starts a checkpoint when the log is long; waits for it when it is twice as long, so that a recovery stays bounded.
    /// </summary>
    public async ValueTask LimitLogAsync()
    {
        var length = checkpointer.LogBytes;
        var limit = CheckpointLogBytes;
        if (length < limit)
            return;
        StartCheckpoint();
        if (length >= 2 * limit)
            await _background.ConfigureAwait(false);
    }

    /// <summary>Gives all the space back that can be; ends with a checkpoint.</summary>
    public async Task CompactAsync(CancellationToken cancellationToken)
    {
        await checkpointer.RunAsync(cancellationToken).ConfigureAwait(false);
        await MoveAsync(
                () =>
                {
                    views.Records.Compact(cancellationToken);
                    views.Graph.Compact(cancellationToken);
                    foreach (var vector in views.Vectors)
                        vector.Index.Compact(cancellationToken);
                },
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>Starts a checkpoint in the background, unless one runs.</summary>
    /// <param name="always">Whether it starts though nothing was written since the last.</param>
    public void StartCheckpoint(bool always = false)
    {
        lock (_lock)
        {
            if (
                !_background.IsCompleted
                || _closing.IsCancellationRequested
                || pipeline.Fault is not null
                || !(always || checkpointer.IsDue)
            )
            {
                return;
            }
            _background = Task.Run(async () =>
            {
                try
                {
                    await checkpointer.RunAsync(CancellationToken.None).ConfigureAwait(false);
                    await ReclaimAsync(_closing.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (_closing.IsCancellationRequested)
                {
                    // Closing: what was compacted so far counts, the rest waits for the next time.
                }
                catch (Exception e)
                {
                    // The log and the previous checkpoint hold everything; the next attempt comes with the next write or tick.
                    Report(e);
                }
            });
        }
    }

    /// <summary>After a checkpoint: where much of a store is dead, moves what lives in its oldest part.</summary>
    private async Task ReclaimAsync(CancellationToken cancellationToken)
    {
        var records = views.Records.Statistics;
        var graph = views.Graph.Statistics;
        Volatile.Write(ref _liveBytes, records.LiveBytesEstimate + graph.LiveBytesEstimate);
        if (!records.CompactionAdvised && !graph.CompactionAdvised)
            return;
        await MoveAsync(
                () =>
                {
                    if (records.CompactionAdvised)
                        views.Records.Reclaim(cancellationToken);
                    if (graph.CompactionAdvised)
                        views.Graph.Reclaim(cancellationToken);
                },
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>Moves what lives to the ends of the stores; the checkpoint behind it lets the files in front go.</summary>
    private async Task MoveAsync(Action move, CancellationToken cancellationToken)
    {
        await checkpointer
            .HoldingGateAsync(
                async () =>
                {
                    await Task.Run(move, cancellationToken).ConfigureAwait(false);
                    return true;
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        await checkpointer.RunAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Logs that a checkpoint failed which nobody waits for.</summary>
    public void Report(Exception failure) => LogCheckpointFailed(logger, options.Directory, failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "A checkpoint of a collection in {Directory} failed")]
    private static partial void LogCheckpointFailed(ILogger logger, string directory, Exception exception);
}
