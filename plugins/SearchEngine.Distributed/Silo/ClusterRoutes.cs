using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Placement;
using SearchEngine.Distributed.Replication;
using SearchEngine.Distributed.Routing;

namespace SearchEngine.Distributed.Silo;

/// <summary>
/// Which silo serves which shard, as the silos last said, kept up to date in the background. Thread-safe. A silo that died since is found out
/// by asking it: another replica is asked then.
/// </summary>
public sealed partial class ClusterRoutes : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>What was reported longer ago stands behind what was reported later: the silo is probably gone.</summary>
    private static readonly TimeSpan Stale = ClusterAdministration.Silence;

    private readonly IPlacementStore _placement;
    private readonly IGrainFactory _grains;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<(string Silo, LogShard Shard), IShardTransport> _transports = new();
    private readonly RepeatedWork _refreshing;
    private volatile IReadOnlyDictionary<LogShard, IReadOnlyList<IShardTransport>> _routes =
        new Dictionary<LogShard, IReadOnlyList<IShardTransport>>();

    /// <summary>Begins to look. The store stays the caller's.</summary>
    public ClusterRoutes(IPlacementStore placement, IGrainFactory grains, ILoggerFactory? loggers = null)
    {
        (_placement, _grains) = (placement, grains);
        _logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger<ClusterRoutes>();
        _refreshing = new RepeatedWork(RefreshAsync, Interval, e => LogUnreachable(_logger, e));
    }

    /// <summary>Where the shards of a collection are.</summary>
    public IShardMap Of(SharedCollection collection)
    {
        ArgumentNullException.ThrowIfNull(collection);
        return new CollectionRoutes(this, collection);
    }

    /// <summary>Looks now instead of in a moment: after a collection was made.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken = default)
    {
        var map = await _placement.GetMapAsync(cancellationToken).ConfigureAwait(false);
        var reports = await _placement.ListReportsAsync(cancellationToken).ConfigureAwait(false);
        _routes = reports
            .Where(report => report.Replica.IsServing)
            .GroupBy(report => report.Replica.Shard)
            .ToDictionary(of => of.Key, of => Order(map, of.Key, of));
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _refreshing.DisposeAsync();

    private IReadOnlyList<IShardTransport> Order(ClusterMap map, LogShard shard, IEnumerable<SiloReport> reports)
    {
        var targets = map.Targets(shard);
        var said = reports.ToLookup(report => report.Age <= Stale || targets.Contains(report.Silo));
        return
        [
            // A silo that is silent and is not to hold the shard any more is gone: it is asked where there is no other.
            .. said[said.Contains(true)]
                .OrderBy(report => report.Age > Stale)
                .ThenBy(report => targets.Contains(report.Silo) ? targets.ToList().IndexOf(report.Silo) : int.MaxValue)
                .ThenBy(report => report.Silo, StringComparer.Ordinal)
                .Select(report => TransportTo(report.Silo, shard)),
        ];
    }

    private IShardTransport TransportTo(string silo, LogShard shard) =>
        _transports.GetOrAdd(
            (silo, shard),
            place => new OrleansShardTransport(_grains.GetGrain<IReplicaGrain>(place.Silo), place.Silo, place.Shard)
        );

    private sealed class CollectionRoutes(ClusterRoutes routes, SharedCollection collection) : IShardMap
    {
        public int Shards => collection.Shards;

        public IReadOnlyList<IShardTransport> ReplicasOf(int shard) =>
            routes._routes.TryGetValue(collection.LogOf(shard), out var replicas) ? replicas : [];
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Where shards are cannot be read; what was known last stands")]
    private static partial void LogUnreachable(ILogger logger, Exception exception);
}
