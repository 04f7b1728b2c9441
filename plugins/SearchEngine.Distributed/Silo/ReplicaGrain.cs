using Orleans.Concurrency;
using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Replication;
using SearchEngine.Distributed.Routing;

namespace SearchEngine.Distributed.Silo;

/// <summary>Lets calls in to the replicas of this silo; any number at a time, each on the thread pool.</summary>
[Reentrant, NamedSilo]
internal sealed class ReplicaGrain(ReplicaHost host, SiloName silo) : Grain, IReplicaGrain
{
    public async Task<ReplicaReply> CallAsync(
        Guid collection,
        int shard,
        string operation,
        long minimumPosition,
        byte[] body,
        CancellationToken cancellationToken
    )
    {
        var name = this.GetPrimaryKeyString();
        if (name != silo.Value)
            return new ReplicaReply(null, $"Silo {name} is not there.");
        try
        {
            // A search computes for a while before it first waits: not on the grain's own turn.
            var reply = await Task.Run(
                () => host.CallAsync(new LogShard(collection, shard), operation, minimumPosition, body, cancellationToken),
                cancellationToken
            );
            return new ReplicaReply(WholeArray.Of(reply), null);
        }
        catch (ShardUnreachableException e)
        {
            return new ReplicaReply(null, e.Message);
        }
    }

    public Task<ReplicaReply> CallAtLengthAsync(
        Guid collection,
        int shard,
        string operation,
        long minimumPosition,
        byte[] body,
        CancellationToken cancellationToken
    ) => CallAsync(collection, shard, operation, minimumPosition, body, cancellationToken);
}
