using SearchEngine.Distributed.Routing;

namespace SearchEngine.Distributed.Replication;

/// <summary>Makes what applies a shard's entries to a local collection and answers calls with it.</summary>
/// <param name="collection">The replica's collection, which stays the host's.</param>
/// <param name="cancellationToken">Gives up.</param>
public delegate Task<IShardReplica> ReplicaFactory(SearchCollection collection, CancellationToken cancellationToken);
