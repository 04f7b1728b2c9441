using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Routing;
using SearchEngine.Distributed.Snapshots;

namespace SearchEngine.Distributed.Replication;

/// <summary>
/// The replicas that one machine holds: follows their shards' logs into local databases and has them answer. Which ones it holds is told to
/// it (<see cref="AssignAsync"/>). Thread-safe.
/// </summary>
/// <remarks>
/// A replica is a view: it is opened from the disk, or made of the newest snapshot, or of the log from its beginning. One that is damaged, or
/// that is no prefix of its log any more, is thrown away and made anew. Entries are applied exactly once, whatever is killed when.
/// </remarks>
public sealed partial class ReplicaHost : IAsyncDisposable
{
    private readonly ReplicaOptions _options;
    private readonly ISharedLog _log;
    private readonly ISnapshotStore _snapshots;
    private readonly ReplicaFactory _factory;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<LogShard, ShardRunner> _runners = new();
    private readonly ConcurrentDictionary<LogShard, long> _newest = new();
    private readonly SemaphoreSlim _assigning = new(1, 1);
    private readonly RepeatedWork _polling;
    private bool _disposed;

    /// <summary>A host of no replicas yet.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="log">The shared log, which stays the caller's.</param>
    /// <param name="snapshots">Where snapshots are kept.</param>
    /// <param name="factory">Makes what applies entries and answers.</param>
    /// <param name="loggers">Takes messages.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public ReplicaHost(
        ReplicaOptions options,
        ISharedLog log,
        ISnapshotStore snapshots,
        ReplicaFactory factory,
        ILoggerFactory? loggers = null
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options with { Directory = Path.GetFullPath(options.Directory) };
        (_log, _snapshots, _factory) = (log, snapshots, factory);
        _logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger<ReplicaHost>();
        Directory.CreateDirectory(_options.Directory);
        OnDisk = ReplicaFolder.Clean(_options.Directory);
        _polling = new RepeatedWork(PollAsync, _options.PollInterval, e => LogUnreachable(_logger, e));
    }

    /// <summary>The replicas that lay in the directory when the host started.</summary>
    public IReadOnlyList<LogShard> OnDisk { get; }

    /// <summary>The shards whose replicas it holds.</summary>
    public IReadOnlyCollection<LogShard> Held => [.. _runners.Keys];

    /// <summary>
    /// Begins to hold what is wanted and is not held. Returns at once: a replica serves when it has been as far as its log.
    /// </summary>
    public async Task AssignAsync(IEnumerable<(SharedCollection Collection, int Shard)> wanted)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        await _assigning.WaitAsync().ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            foreach (var (collection, shard) in wanted)
            {
                if (!_runners.ContainsKey(collection.LogOf(shard)))
                    _runners[collection.LogOf(shard)] = new ShardRunner(collection, shard, _options, _log, _snapshots, _factory, _logger);
            }
        }
        finally
        {
            _assigning.Release();
        }
    }

    /// <summary>Stops holding a shard and gives its disk back, also where it only lies there from before. Nothing happens where there is none.</summary>
    public async Task RemoveAsync(LogShard shard)
    {
        await _assigning.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_runners.TryRemove(shard, out var runner))
                await runner.RemoveAsync().ConfigureAwait(false);
            else
                new ReplicaFolder(_options.Directory, shard).Delete();
        }
        finally
        {
            _assigning.Release();
        }
    }

    /// <summary>Has a replica answer, as <see cref="IShardReplica.CallAsync"/> does.</summary>
    /// <exception cref="ShardUnreachableException">The host does not hold it, or it does not serve (yet).</exception>
    public Task<ReadOnlyMemory<byte>> CallAsync(
        LogShard shard,
        string operation,
        long minimumPosition,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken = default
    ) =>
        _runners.TryGetValue(shard, out var runner)
            ? runner.CallAsync(operation, minimumPosition, body, cancellationToken)
            : throw new ShardUnreachableException($"Shard {shard} is not held here.");

    /// <summary>What there is to say of each replica.</summary>
    public IReadOnlyList<ReplicaReport> Report() => [.. _runners.Values.Select(runner => runner.Report())];

    /// <summary>Takes a snapshot of a shard, has it kept, and trims the log below the oldest one kept.</summary>
    /// <returns>The snapshot; null where the replica is not open.</returns>
    /// <exception cref="SharedLogException">The log or the store cannot be reached.</exception>
    /// <exception cref="SearchDatabaseException">The disk refused.</exception>
    public async Task<ShardSnapshot?> KeepSnapshotAsync(LogShard shard, CancellationToken cancellationToken = default)
    {
        if (
            !_runners.TryGetValue(shard, out var runner)
            || await runner.KeepSnapshotAsync(cancellationToken).ConfigureAwait(false) is not { } taken
        )
        {
            return null;
        }

        var kept = await _snapshots.ListAsync(shard, cancellationToken).ConfigureAwait(false);
        foreach (var old in kept.Skip(_options.SnapshotsKept))
            await _snapshots.RemoveAsync(old, cancellationToken).ConfigureAwait(false);
        if (kept.Count >= _options.SnapshotsKept)
        {
            var oldest = kept[_options.SnapshotsKept - 1];
            await _log.TrimAsync(shard, oldest.Cursor.Position, cancellationToken).ConfigureAwait(false);
        }

        return taken;
    }

    /// <summary>Takes a snapshot where a shard has had so many entries since the last one that it is due.</summary>
    /// <returns>The snapshot; null where none was due.</returns>
    /// <exception cref="SharedLogException">The log or the store cannot be reached.</exception>
    /// <exception cref="SearchDatabaseException">The disk refused.</exception>
    public async Task<ShardSnapshot?> KeepSnapshotIfDueAsync(LogShard shard, CancellationToken cancellationToken = default)
    {
        if (!_runners.TryGetValue(shard, out var runner))
            return null;
        // Snapshots only become newer: the store is asked when the newest that is known is old.
        if (runner.Position - _newest.GetValueOrDefault(shard) < _options.SnapshotEntries)
            return null;
        var kept = await _snapshots.ListAsync(shard, cancellationToken).ConfigureAwait(false);
        _newest[shard] = kept.Count > 0 ? kept[0].Cursor.Position : 0;
        return runner.Position - _newest[shard] < _options.SnapshotEntries
            ? null
            : await KeepSnapshotAsync(shard, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs something with a replica's collection and position, for tests.</summary>
    /// <returns>What it returned; null where the replica is not open.</returns>
    internal Task<T?> WithCollectionAsync<T>(LogShard shard, Func<SearchCollection, long, Task<T>> run)
        where T : class => _runners.TryGetValue(shard, out var runner) ? runner.WithCollectionAsync(run) : Task.FromResult<T?>(null);

    /// <summary>Closes all replicas; they stay on the disk.</summary>
    public async ValueTask DisposeAsync()
    {
        await _assigning.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_disposed)
                return;
            _disposed = true;
            await _polling.DisposeAsync().ConfigureAwait(false);
            await Task.WhenAll(_runners.Values.Select(runner => runner.DisposeAsync().AsTask())).ConfigureAwait(false);
        }
        finally
        {
            _assigning.Release();
        }
    }

    /// <summary>Looks at the heads of all shards at once and wakes those that have more.</summary>
    private async Task PollAsync(CancellationToken cancellationToken)
    {
        var runners = _runners.Values.ToArray();
        if (runners.Length == 0)
            return;
        var heads = await _log.GetHeadsAsync([.. runners.Select(runner => runner.Shard)], cancellationToken).ConfigureAwait(false);
        foreach (var runner in runners)
        {
            // A shard that is not there any more is woken too: it finds out.
            if (!heads.TryGetValue(runner.Shard, out var head) || head > runner.Position)
                runner.Wake();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The heads of the shared log cannot be read")]
    private static partial void LogUnreachable(ILogger logger, Exception exception);
}
