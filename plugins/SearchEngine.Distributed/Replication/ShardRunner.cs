using Microsoft.Extensions.Logging;
using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Routing;
using SearchEngine.Distributed.Snapshots;

namespace SearchEngine.Distributed.Replication;

/// <summary>
/// The life of one replica: opened, brought up to the log's end and kept there; made anew where what it holds is no prefix of the log, or is
/// damaged. Thread-safe.
/// </summary>
internal sealed partial class ShardRunner : IAsyncDisposable
{
    private const int ReadEntries = 256;
    private const long ReadBytes = 8L << 20;

    /// <summary>How long a replica sleeps that nobody wakes: in case that nobody looks at the heads.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(5);

    /// <summary>How long what was counted of the disk is said again.</summary>
    private static readonly TimeSpan BytesLast = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly ReplicaFolder _folder;
    private readonly ReplicaOpener _opener;
    private readonly ISharedLog _log;
    private readonly ISnapshotStore _snapshots;
    private readonly ILogger _logger;
    private readonly WakeSignal _signal = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;
    private volatile OpenReplica? _open;
    private volatile bool _caughtUp;
    private volatile string? _fault;
    private long _measureAt;
    private long _bytes;

    public ShardRunner(
        SharedCollection shared,
        int shard,
        ReplicaOptions options,
        ISharedLog log,
        ISnapshotStore snapshots,
        ReplicaFactory factory,
        ILogger logger
    )
    {
        (Collection, Shard) = (shared, shared.LogOf(shard));
        (_log, _snapshots, _logger) = (log, snapshots, logger);
        _folder = new ReplicaFolder(options.Directory, Shard);
        _opener = new ReplicaOpener(shared, Shard, _folder, options, log, snapshots, factory);
        _running = Task.Run(RunAsync);
    }

    /// <summary>The collection that it is a shard of.</summary>
    public SharedCollection Collection { get; }

    /// <summary>Which shard.</summary>
    public LogShard Shard { get; }

    /// <summary>What it has applied.</summary>
    public long Position => _open?.Replica.Position ?? 0;

    /// <summary>Whether the collection was found to be dropped.</summary>
    public bool IsDropped { get; private set; }

    /// <summary>What there is to say. For one caller at a time.</summary>
    public ReplicaReport Report()
    {
        // Looking at all files is not for every second.
        if (Environment.TickCount64 >= _measureAt)
        {
            _bytes = _folder.Bytes();
            _measureAt = Environment.TickCount64 + (long)BytesLast.TotalMilliseconds;
        }

        return new ReplicaReport(Shard, Position, _caughtUp && _open is not null, _bytes, _fault);
    }

    /// <summary>Tells that the log may have more.</summary>
    public void Wake() => _signal.Wake();

    /// <summary>Has the replica answer.</summary>
    /// <exception cref="ShardUnreachableException">It does not serve (yet, or any more).</exception>
    public async Task<ReadOnlyMemory<byte>> CallAsync(
        string operation,
        long minimumPosition,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken
    )
    {
        var open = _open;
        if (open is null || !_caughtUp)
        {
            throw new ShardUnreachableException(
                $"The replica of shard {Shard} is being {(open is null ? "opened" : "brought up to date")}."
            );
        }
        if (minimumPosition > open.Replica.Position)
            Wake();
        try
        {
            return await open.Replica.CallAsync(operation, minimumPosition, body, cancellationToken).ConfigureAwait(false);
        }
        catch (ObjectDisposedException e)
        {
            throw new ShardUnreachableException($"The replica of shard {Shard} is being closed.", e);
        }
    }

    /// <summary>Runs something with the replica's collection; null where it is not open.</summary>
    public async Task<T?> WithCollectionAsync<T>(Func<SearchCollection, long, Task<T>> run)
        where T : class => _open is { } open ? await run(open.Collection, open.Replica.Position).ConfigureAwait(false) : null;

    /// <summary>Takes a snapshot and has it kept; null where the replica is not open.</summary>
    public async Task<ShardSnapshot?> KeepSnapshotAsync(CancellationToken cancellationToken)
    {
        if (_open is not { } open)
            return null;
        var cursor = open.Replica.Cursor;
        var folder = _folder.NewSnapshot();
        try
        {
            // The cursor is read first: what was applied before is in the snapshot.
            await open.Collection.CreateSnapshotAsync(folder, cancellationToken: cancellationToken).ConfigureAwait(false);
            return await _snapshots.SaveAsync(Shard, cursor, folder, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Stops, and removes the replica from the disk.</summary>
    public async Task RemoveAsync()
    {
        await DisposeAsync().ConfigureAwait(false);
        _folder.Delete();
    }

    /// <summary>Stops; the replica stays on the disk.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_stopping.IsCancellationRequested)
            await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        var pause = FirstPause;
        while (!_stopping.IsCancellationRequested && !IsDropped)
        {
            try
            {
                await OpenAndTailAsync(() => pause = FirstPause).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (SharedLogException e) when (e.Error == SharedLogError.CollectionNotFound)
            {
                IsDropped = true;
            }
            catch (Exception e) when (IsNoPrefix(e))
            {
                // The log and the snapshots are the truth; what is here is thrown away, and never answered with again.
                LogAnew(_logger, Shard, e);
                _folder.Delete();
            }
            catch (Exception e)
            {
                _fault = e.Message;
                LogFault(_logger, Shard, e);
                await Task.Delay(pause, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private static bool IsNoPrefix(Exception exception) =>
        exception
            is SharedLogException { Error: SharedLogError.Trimmed or SharedLogError.Forked }
                or SearchDatabaseException { Error: SearchDatabaseError.Corrupt };

    private async Task OpenAndTailAsync(Action opened)
    {
        var token = _stopping.Token;
        var open = await _opener.OpenAsync(token).ConfigureAwait(false);
        await using (open.ConfigureAwait(false))
        {
            try
            {
                // Before anything is answered: what is here must be a prefix of the log.
                await _log.ReadAsync(Shard, open.Replica.Cursor, maxEntries: 1, maxBytes: 1, token).ConfigureAwait(false);
                var head = (await _log.GetBoundsAsync(Shard, token).ConfigureAwait(false)).Head;
                _open = open;
                _fault = null;
                opened();
                await TailAsync(open.Replica, head, token).ConfigureAwait(false);
            }
            finally
            {
                _caughtUp = false;
                _open = null;
            }
        }
    }

    /// <summary>
    /// Applies what comes. From where the log was when the replica was opened it serves: were it to wait until there is nothing more, a log
    /// that is written to all the time would keep it from serving for ever.
    /// </summary>
    private async Task TailAsync(IShardReplica replica, long servesFrom, CancellationToken token)
    {
        while (true)
        {
            _caughtUp = _caughtUp || replica.Position >= servesFrom;
            var entries = await _log.ReadAsync(Shard, replica.Cursor, ReadEntries, ReadBytes, token).ConfigureAwait(false);
            foreach (var entry in entries)
            {
                token.ThrowIfCancellationRequested();
                await replica.ApplyAsync(entry, token).ConfigureAwait(false);
            }

            if (entries.Count == 0)
                await _signal.WaitAsync(LongestSleep, token).ConfigureAwait(false);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The replica of shard {Shard} is made anew")]
    private static partial void LogAnew(ILogger logger, LogShard shard, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The replica of shard {Shard} cannot go on; it is opened again")]
    private static partial void LogFault(ILogger logger, LogShard shard, Exception exception);
}
