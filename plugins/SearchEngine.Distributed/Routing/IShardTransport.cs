namespace SearchEngine.Distributed.Routing;

/// <summary>
/// The way to one serving replica of one shard. A call and its reply are bytes, which <see cref="IShardReplica"/> reads and writes at the
/// other end: a transport carries them, and knows nothing of them. Thread-safe.
/// </summary>
public interface IShardTransport
{
    /// <summary>A name for messages: the silo, or where the replica runs.</summary>
    string Name { get; }

    /// <summary>Has the replica answer, as <see cref="IShardReplica.CallAsync"/> does.</summary>
    /// <param name="operation">What to do.</param>
    /// <param name="minimumPosition">The position of the shard's log that the replica must have applied before it answers.</param>
    /// <param name="body">The call.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ShardUnreachableException">The replica is not there, or no longer serves the shard: another may.</exception>
    Task<ReadOnlyMemory<byte>> CallAsync(
        string operation,
        long minimumPosition,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken
    );
}
