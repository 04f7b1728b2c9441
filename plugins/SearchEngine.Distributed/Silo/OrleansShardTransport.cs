using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Routing;
using SearchEngine.Distributed.Routing.Wire;

namespace SearchEngine.Distributed.Silo;

/// <summary>The way to a silo's replica of a shard, over Orleans. Thread-safe.</summary>
internal sealed class OrleansShardTransport(IReplicaGrain grain, string silo, LogShard shard) : IShardTransport
{
    private delegate Task<ReplicaReply> Call(
        Guid collection,
        int shard,
        string operation,
        long minimumPosition,
        byte[] body,
        CancellationToken cancellationToken
    );

    /// <inheritdoc />
    public string Name => silo;

    /// <inheritdoc />
    public async Task<ReadOnlyMemory<byte>> CallAsync(
        string operation,
        long minimumPosition,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken
    )
    {
        ReplicaReply reply;
        try
        {
            var call = operation == ShardCalls.Verify ? grain.CallAtLengthAsync : (Call)grain.CallAsync;
            reply = await call(shard.Collection, shard.Shard, operation, minimumPosition, WholeArray.Of(body), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException or IOException or ObjectDisposedException)
        {
            throw new ShardUnreachableException($"Silo {silo} does not answer.", e);
        }

        return reply.Body ?? throw new ShardUnreachableException($"Silo {silo}: {reply.Unreachable}");
    }
}
