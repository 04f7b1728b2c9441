using Orleans.Concurrency;

namespace SearchEngine.Distributed.Silo;

/// <summary>The replicas of one silo; the grain's key is the silo's name. It is nowhere but on that silo.</summary>
[Alias("SearchEngine.IReplicaGrain")]
public interface IReplicaGrain : IGrainWithStringKey
{
    /// <summary>Has a replica answer.</summary>
    [Alias("Call")]
    Task<ReplicaReply> CallAsync(
        Guid collection,
        int shard,
        string operation,
        long minimumPosition,
        [Immutable] byte[] body,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Verifies a replica and takes its content hash; null where the silo does not hold it, or it was written to meanwhile.
    /// </summary>
    [Alias("Check"), ResponseTimeout("01:00:00")]
    Task<ReplicaCheck?> CheckAsync(Guid collection, int shard);
}
