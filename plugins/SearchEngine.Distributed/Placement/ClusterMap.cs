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
