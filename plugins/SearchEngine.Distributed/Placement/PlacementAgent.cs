using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Replication;
using SearchEngine.Distributed.Snapshots;

namespace SearchEngine.Distributed.Placement;

/// <summary>
/// Has a silo hold what the map says: begins with replicas that are its to hold, and ends with others when those that are to hold them serve
/// at least as much. So a shard that moves is served all the time. Says what the silo holds, and takes snapshots that are due.
/// </summary>
public sealed partial class PlacementAgent : IAsyncDisposable
{
    private readonly PlacementOptions _options;
    private readonly IPlacementStore _placement;
    private readonly ISharedLog _log;
    private readonly ISnapshotStore _snapshots;
    private readonly ReplicaHost _host;
    private readonly ILogger _logger;
    private readonly RepeatedWork _work;
    private readonly HashSet<LogShard> _left = [];
    private readonly Dictionary<LogShard, long> _leaving = [];
    private Task _snapshotting = Task.CompletedTask;
    private bool _isToJoin;
    private long _steadySince;
    private long _lastStep;

    /// <summary>Begins. The log, the stores and the host stay the caller's.</summary>
    public PlacementAgent(
        PlacementOptions options,
        IPlacementStore placement,
        ISharedLog log,
        ISnapshotStore snapshots,
        ReplicaHost host,
        ILoggerFactory? loggers = null
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        ClusterMap.ValidateName(options.Silo);
        if (options.Interval <= TimeSpan.Zero || options.ReportsLast <= options.Interval)
        {
            throw new ArgumentException(
                $"The interval {options.Interval} must be above zero, and reports last longer than that, not {options.ReportsLast}.",
                nameof(options)
            );
        }
        if (options.DrainDeadAfter is { } silence && silence <= options.ReportsLast)
        {
            throw new ArgumentException(
                $"A silo is drained as dead after more than the time for which reports last, {options.ReportsLast}, not {silence}.",
                nameof(options)
            );
        }

        (_options, _placement, _log, _snapshots, _host) = (options, placement, log, snapshots, host);
        _logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger<PlacementAgent>();
        _isToJoin = options.JoinOnStart;
        _work = new RepeatedWork(StepAsync, options.Interval, e => LogFailed(_logger, options.Silo, e));
    }

    /// <summary>Ends; the replicas go on.</summary>
    public async ValueTask DisposeAsync()
    {
        await _work.DisposeAsync().ConfigureAwait(false);
        await _snapshotting.ConfigureAwait(false);
    }

    private Task JoinAsync(CancellationToken cancellationToken) =>
        _placement.ChangeMapAsync(
            map => map.Members.ContainsKey(_options.Silo) ? map : map.With(_options.Silo, MemberState.Active),
            cancellationToken
        );

    private async Task StepAsync(CancellationToken cancellationToken)
    {
        if (_isToJoin)
            await JoinAsync(cancellationToken).ConfigureAwait(false);
        _isToJoin = false;
        var map = await _placement.GetMapAsync(cancellationToken).ConfigureAwait(false);
        if (map.Members.TryGetValue(_options.Silo, out var state) && state == MemberState.Absent)
            map = await ReturnAsync(cancellationToken).ConfigureAwait(false);
        var collections = await _log.ListCollectionsAsync(cancellationToken).ConfigureAwait(false);
        var reports = await _placement.ListReportsAsync(cancellationToken).ConfigureAwait(false);
        var shards = collections
            .SelectMany(collection => Enumerable.Range(0, collection.Shards).Select(shard => (collection, shard)))
            .ToDictionary(place => place.collection.LogOf(place.shard), place => place);
        // What lies here from before is opened also where it is another's to hold by now: until that one serves, this one does.
        var fromBefore = _host.OnDisk.Where(shard => !_left.Contains(shard)).ToHashSet();
        var wanted = shards.Where(place => fromBefore.Contains(place.Key) || map.Targets(place.Key).Contains(_options.Silo));
        await _host.AssignAsync(wanted.Select(place => place.Value)).ConfigureAwait(false);
        foreach (var shard in fromBefore.Union(_host.Held).ToArray())
        {
            var isDropped = !shards.ContainsKey(shard);
            if (isDropped)
                await _snapshots.RemoveAllAsync(shard.Collection, cancellationToken).ConfigureAwait(false);
            if (isDropped || MayLeave(map, shard, reports))
                await LeaveAsync(shard).ConfigureAwait(false);
        }

        await _placement.ReportAsync(_options.Silo, _host.Report(), cancellationToken).ConfigureAwait(false);
        await DrainDeadAsync(cancellationToken).ConfigureAwait(false);
        if (_snapshotting.IsCompleted)
        {
            _snapshotting = KeepSnapshotsAsync([.. shards.Keys.Where(shard => IsFirst(map, shard, reports))], cancellationToken);
        }
    }

    /// <summary>Takes the silo's own shards again, which others hold since it was silent for long.</summary>
    private Task<ClusterMap> ReturnAsync(CancellationToken cancellationToken)
    {
        LogReturned(_logger, _options.Silo);
        return _placement.ChangeMapAsync(
            map =>
                map.Members.TryGetValue(_options.Silo, out var state) && state == MemberState.Absent
                    ? map.With(_options.Silo, MemberState.Active)
                    : map,
            cancellationToken
        );
    }

    /// <summary>
    /// Has the shards of silos that are silent for too long made anew. A silence is measured in what the silos write into the database: this
    /// one judges only when it could write there itself for as long, so that neither an outage of the database nor a start of the whole
    /// cluster looks like the death of all others.
    /// </summary>
    private async Task DrainDeadAsync(CancellationToken cancellationToken)
    {
        if (_options.DrainDeadAfter is not { } limit)
            return;
        var now = Stopwatch.GetTimestamp();
        if (_lastStep == 0 || Stopwatch.GetElapsedTime(_lastStep, now) >= _options.ReportsLast)
            _steadySince = now;
        _lastStep = now;
        if (Stopwatch.GetElapsedTime(_steadySince, now) < limit)
            return;
        var silences = await _placement.ListSilosAsync(cancellationToken).ConfigureAwait(false);
        var before = ClusterMap.Empty;
        var after = await _placement
            .ChangeMapAsync(map => (before = map).WithSilentAbsent(silences, limit, _options.ReportsLast), cancellationToken)
            .ConfigureAwait(false);
        foreach (var (silo, state) in after.Members)
        {
            if (state == MemberState.Absent && before.Members[silo] != MemberState.Absent)
                LogAbsent(_logger, silo, silences[silo]);
        }
    }

    private async Task LeaveAsync(LogShard shard)
    {
        await _host.RemoveAsync(shard).ConfigureAwait(false);
        _left.Add(shard);
        _leaving.Remove(shard);
        LogLeft(_logger, _options.Silo, shard);
    }

    /// <summary>
    /// Whether the silo may give up a replica: it is not its to hold, and all that are to hold it serve, and have got as far as the replica
    /// was when that was noticed. Where the map has no silo that could hold it, nobody gives anything up.
    /// </summary>
    private bool MayLeave(ClusterMap map, LogShard shard, IReadOnlyList<SiloReport> reports)
    {
        var targets = map.Targets(shard);
        if (targets.Count == 0 || targets.Contains(_options.Silo))
        {
            _leaving.Remove(shard);
            return false;
        }

        if (!_leaving.TryGetValue(shard, out var position))
            _leaving[shard] = position = _host.Report().FirstOrDefault(replica => replica.Shard == shard)?.Position ?? 0;
        return targets.All(target => reports.Any(report => IsServed(report, target, shard) && report.Replica.Position >= position));
    }

    /// <summary>Whether the silo is the first of those that serve a shard: one of them takes its snapshots.</summary>
    private bool IsFirst(ClusterMap map, LogShard shard, IReadOnlyList<SiloReport> reports) =>
        map.Targets(shard).FirstOrDefault(target => reports.Any(report => IsServed(report, target, shard))) == _options.Silo;

    /// <summary>Whether a report says, of late, that a silo serves a shard.</summary>
    private bool IsServed(SiloReport report, string silo, LogShard shard) =>
        report.Silo == silo && report.Replica.Shard == shard && report.Replica.IsServing && report.Age < _options.ReportsLast;

    private async Task KeepSnapshotsAsync(LogShard[] led, CancellationToken cancellationToken)
    {
        foreach (var shard in led)
        {
            try
            {
                if (await _host.KeepSnapshotIfDueAsync(shard, cancellationToken).ConfigureAwait(false) is { } taken)
                    LogSnapshot(_logger, shard, taken.Cursor.Position);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e)
            {
                LogFailed(_logger, _options.Silo, e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Silo {Silo} could not bring its replicas and the map together; it tries again")]
    private static partial void LogFailed(ILogger logger, string silo, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Silo {Silo} has been silent for {Silence}: its shards are made anew elsewhere")]
    private static partial void LogAbsent(ILogger logger, string silo, TimeSpan silence);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Silo {Silo} was silent for so long that others hold its shards: it takes them again"
    )]
    private static partial void LogReturned(ILogger logger, string silo);

    [LoggerMessage(Level = LogLevel.Information, Message = "Silo {Silo} gave up its replica of shard {Shard}")]
    private static partial void LogLeft(ILogger logger, string silo, LogShard shard);

    [LoggerMessage(Level = LogLevel.Information, Message = "A snapshot of shard {Shard} is kept, up to position {Position}")]
    private static partial void LogSnapshot(ILogger logger, LogShard shard, long position);
}
