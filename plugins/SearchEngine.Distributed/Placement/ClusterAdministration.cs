using Npgsql;
using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Postgres;

namespace SearchEngine.Distributed.Placement;

/// <summary>Looks at a cluster and changes who belongs to it. Thread-safe.</summary>
public sealed class ClusterAdministration(PostgresDatabase database, ISharedLog log, IPlacementStore placement)
{
    /// <summary>A silo that said nothing for so long is gone, or hangs.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>How the cluster is.</summary>
    /// <exception cref="SharedLogException">PostgreSQL cannot be reached.</exception>
    public async Task<ClusterStatus> GetStatusAsync(CancellationToken cancellationToken = default)
    {
        var map = await placement.GetMapAsync(cancellationToken).ConfigureAwait(false);
        var silos = await placement.ListSilosAsync(cancellationToken).ConfigureAwait(false);
        var reports = (await placement.ListReportsAsync(cancellationToken).ConfigureAwait(false)).ToLookup(report => report.Replica.Shard);
        var shards = new List<ShardStatus>();
        foreach (var collection in await log.ListCollectionsAsync(cancellationToken).ConfigureAwait(false))
        {
            for (var shard = 0; shard < collection.Shards; shard++)
            {
                var place = collection.LogOf(shard);
                var bounds = await BoundsAsync(place, cancellationToken).ConfigureAwait(false);
                if (bounds is { } there)
                {
                    shards.Add(
                        new ShardStatus(collection.Name, place, there, map.Targets(place), [.. reports[place].Select(r => Of(r, there))])
                    );
                }
            }
        }

        var held = reports.SelectMany(of => of).ToLookup(report => report.Silo);
        return new ClusterStatus(
            map.Epoch,
            map.ReplicationFactor,
            await StandbysAsync(cancellationToken).ConfigureAwait(false),
            database.Options.ExpectedStandbys,
            [
                .. map
                    .Members.Keys.Union(silos.Keys)
                    .Order(StringComparer.Ordinal)
                    .Select(silo => new MemberStatus(
                        silo,
                        map.Members.TryGetValue(silo, out var state) ? state : null,
                        silos.TryGetValue(silo, out var age) && age < Silence,
                        held[silo].Count(),
                        held[silo].Sum(report => report.Replica.DiskBytes)
                    )),
            ],
            shards
        );
    }

    /// <summary>Has a silo hold replicas: one that waits to be added, or one that was drained.</summary>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    public Task<ClusterMap> AddAsync(string silo, CancellationToken cancellationToken = default) =>
        placement.ChangeMapAsync(
            map => map.Members.TryGetValue(silo, out var state) && state == MemberState.Active ? map : map.With(silo, MemberState.Active),
            cancellationToken
        );

    /// <summary>
    /// Has a silo give its replicas to others. A silo that is dead is drained too: others take what it was to hold.
    /// </summary>
    /// <exception cref="ArgumentException">It is no member, or the last one that holds replicas.</exception>
    public Task<ClusterMap> DrainAsync(string silo, CancellationToken cancellationToken = default) =>
        placement.ChangeMapAsync(
            map =>
            {
                if (!map.Members.TryGetValue(silo, out var state))
                    throw NoMember(map, silo);
                if (state == MemberState.Draining)
                    return map;
                return map.Members.Any(member => member.Key != silo && member.Value == MemberState.Active)
                    ? map.With(silo, MemberState.Draining)
                    : throw new ArgumentException($"Silo '{silo}' is the last one that holds replicas: add another one first.");
            },
            cancellationToken
        );

    /// <summary>Forgets a silo that was drained, by hand or since it was silent, and is gone.</summary>
    /// <exception cref="ArgumentException">It is no member, is alive, or is to hold replicas.</exception>
    public async Task<ClusterMap> RemoveAsync(string silo, CancellationToken cancellationToken = default)
    {
        var silos = await placement.ListSilosAsync(cancellationToken).ConfigureAwait(false);
        if (silos.TryGetValue(silo, out var age) && age < Silence)
            throw new ArgumentException($"Silo '{silo}' is alive: stop it first, or it would join again.");
        var changed = await placement
            .ChangeMapAsync(
                map =>
                    !map.Members.TryGetValue(silo, out var state) ? throw NoMember(map, silo)
                    : state is MemberState.Draining or MemberState.Absent ? map.Without(silo)
                    : throw new ArgumentException($"Silo '{silo}' is to hold replicas: drain it first."),
                cancellationToken
            )
            .ConfigureAwait(false);
        await placement.ForgetAsync(silo, cancellationToken).ConfigureAwait(false);
        return changed;
    }

    /// <summary>Changes how many replicas each shard has.</summary>
    /// <exception cref="ArgumentException">It is below 1.</exception>
    public Task<ClusterMap> SetReplicationFactorAsync(int factor, CancellationToken cancellationToken = default) =>
        placement.ChangeMapAsync(map => map.ReplicationFactor == factor ? map : map.WithReplicationFactor(factor), cancellationToken);

    /// <summary>Waits until every shard is served by the silos that are to hold it and given up by the others.</summary>
    /// <param name="progress">Told now and then how many shards are not there yet.</param>
    /// <param name="cancellationToken">Ends the wait; the cluster goes on.</param>
    public async Task<ClusterStatus> WaitUntilSettledAsync(IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var status = await GetStatusAsync(cancellationToken).ConfigureAwait(false);
            if (status.IsSettled)
                return status;
            progress?.Report(status.Shards.Count(shard => !shard.IsSettled));
            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }

    private static ArgumentException NoMember(ClusterMap map, string silo) =>
        new(
            $"'{silo}' is no silo of the cluster; it has {(map.Members.Count == 0 ? "none" : string.Join(", ", map.Members.Keys.Order(StringComparer.Ordinal)))}."
        );

    private static ReplicaStatus Of(SiloReport report, LogBounds log) =>
        new(
            report.Silo,
            report.Age < Silence,
            report.Replica.IsServing,
            report.Replica.Position,
            Math.Max(0, log.Head - report.Replica.Position),
            report.Replica.DiskBytes,
            report.Replica.Fault
        );

    /// <summary>Null where the collection was dropped meanwhile.</summary>
    private async Task<LogBounds?> BoundsAsync(LogShard shard, CancellationToken cancellationToken)
    {
        try
        {
            return await log.GetBoundsAsync(shard, cancellationToken).ConfigureAwait(false);
        }
        catch (SharedLogException e) when (e.Error == SharedLogError.CollectionNotFound)
        {
            return null;
        }
    }

    private async Task<int?> StandbysAsync(CancellationToken cancellationToken)
    {
        // Who may not see the standbys' states sees their rows with nothing in them.
        var counts = await database
            .ListAsync(
                """
                select count(*) filter (where sync_state in ('sync', 'quorum'))::integer, count(*) filter (where sync_state is null)::integer
                from pg_stat_replication
                """,
                reader => (Synchronous: reader.GetInt32(0), Hidden: reader.GetInt32(1)),
                cancellationToken
            )
            .ConfigureAwait(false);
        return counts[0].Hidden > 0 ? null : counts[0].Synchronous;
    }
}
