namespace SearchEngine.Distributed.Placement;

/// <summary>How a silo takes part in placement. Immutable.</summary>
public sealed record PlacementOptions
{
    /// <summary>The silo's name, its own in the cluster and the same after a restart: its replicas are found by it.</summary>
    public required string Silo { get; init; }

    /// <summary>Whether a silo that the map does not know adds itself; otherwise it waits to be added.</summary>
    public bool JoinOnStart { get; init; } = true;

    /// <summary>How often the silo looks at the map and says what it holds.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long another silo may be silent before its shards are made anew elsewhere, null for never. Long enough for a restart, for a reboot
    /// and for somebody to look at it: until then its shards have one replica less, and making them anew copies all that it holds. A silo
    /// that comes back takes its shards again by itself. The silos' shortest time counts.
    /// </summary>
    public TimeSpan? DrainDeadAfter { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// A report that is older than this is of a silo that is gone, or hangs: its replicas do not count as serving when another one asks
    /// whether it may give up its own.
    /// </summary>
    public TimeSpan ReportsLast { get; init; } = ClusterAdministration.Silence;
}
