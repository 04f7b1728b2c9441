using SearchEngine.Distributed.Replication;

namespace SearchEngine.Distributed.Placement;

/// <summary>What a silo last said of a replica. Immutable.</summary>
/// <param name="Silo">The silo.</param>
/// <param name="Replica">What it said.</param>
/// <param name="Age">How long ago, by the database's clock.</param>
public sealed record SiloReport(string Silo, ReplicaReport Replica, TimeSpan Age);
