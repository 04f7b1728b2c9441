using SearchEngine.Distributed.Log;

namespace SearchEngine.Distributed.Placement;

/// <summary>
/// Which silos belong to the cluster and how many replicas each shard has; where they are follows from it (<see cref="Rendezvous"/>).
/// Immutable; changed only by whoever knows the epoch that it changes.
/// </summary>
/// <param name="Epoch">Grows with every change.</param>
/// <param name="ReplicationFactor">Replicas of each shard, where there are as many silos.</param>
/// <param name="Members">The silos by name.</param>
public sealed record ClusterMap(long Epoch, int ReplicationFactor, IReadOnlyDictionary<string, MemberState> Members)
{
    /// <summary>Replicas of each shard where nothing else was said: one may die.</summary>
    public const int DefaultReplicationFactor = 2;

    /// <summary>Silos' names are at most so long.</summary>
    public const int MaxNameLength = 64;

    /// <summary>A cluster without silos.</summary>
    public static ClusterMap Empty { get; } = new(0, DefaultReplicationFactor, new Dictionary<string, MemberState>());

    /// <summary>The silos that are to hold a shard, the one to ask first in front.</summary>
    public IReadOnlyList<string> Targets(LogShard shard) =>
        Rendezvous.Choose(
            shard,
            Members.Where(member => member.Value == MemberState.Active).Select(member => member.Key),
            ReplicationFactor
        );

    /// <summary>With a silo that is to hold replicas.</summary>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    public ClusterMap With(string silo, MemberState state)
    {
        ValidateName(silo);
        return this with { Members = new Dictionary<string, MemberState>(Members) { [silo] = state } };
    }

    /// <summary>Without a silo.</summary>
    public ClusterMap Without(string silo)
    {
        var members = new Dictionary<string, MemberState>(Members);
        members.Remove(silo);
        return this with { Members = members };
    }

    /// <summary>With another number of replicas.</summary>
    /// <exception cref="ArgumentException">It is below 1.</exception>
    public ClusterMap WithReplicationFactor(int factor) =>
        factor >= 1
            ? this with
            {
                ReplicationFactor = factor,
            }
            : throw new ArgumentException($"A replication factor of {factor}: it must be at least 1.");

    /// <summary>
    /// With the active silos absent that have been silent for too long: their shards are made anew by others. Nothing changes where that
    /// would give no shard another replica (fewer silos speak than each shard has replicas), or where more than half are silent: that is an
    /// outage to be looked at, and those that are left could not take everything.
    /// </summary>
    /// <param name="silences">How long ago each silo last said anything; one that never did is not judged.</param>
    /// <param name="limit">How long is too long.</param>
    /// <param name="speaking">A silence below this is none.</param>
    public ClusterMap WithSilentAbsent(IReadOnlyDictionary<string, TimeSpan> silences, TimeSpan limit, TimeSpan speaking)
    {
        ArgumentNullException.ThrowIfNull(silences);
        var active = Members.Where(member => member.Value == MemberState.Active).Select(member => member.Key).ToArray();
        var speak = active.Count(silo => silences.TryGetValue(silo, out var silence) && silence < speaking);
        if (speak < ReplicationFactor || speak * 2 < active.Length)
            return this;
        var silent = active.Where(silo => silences.TryGetValue(silo, out var silence) && silence >= limit).ToArray();
        return silent.Aggregate(this, (map, silo) => map.With(silo, MemberState.Absent));
    }

    /// <summary>Refuses what cannot be a silo's name.</summary>
    /// <exception cref="ArgumentException">It is empty, too long, or has other characters than letters, digits, '-', '_' and '.'.</exception>
    public static void ValidateName(string silo)
    {
        ArgumentException.ThrowIfNullOrEmpty(silo);
        if (silo.Length > MaxNameLength || !silo.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            throw new ArgumentException(
                $"'{silo}' is no name of a silo: 1 to {MaxNameLength} letters, digits, '-', '_' and '.' are.",
                nameof(silo)
            );
        }
    }
}
