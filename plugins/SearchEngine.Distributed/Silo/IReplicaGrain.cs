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

    /// <summary>Has a replica answer what may take as long as there is to read of it.</summary>
    [Alias("CallAtLength"), ResponseTimeout("24:00:00")]
    Task<ReplicaReply> CallAtLengthAsync(
        Guid collection,
        int shard,
        string operation,
        long minimumPosition,
        [Immutable] byte[] body,
        CancellationToken cancellationToken
    );
}
