using System.Diagnostics;
using SearchEngine.Distributed.Routing.Checking;
using SearchEngine.Distributed.Routing.Wire;

namespace SearchEngine.Distributed.Routing.Asking;

/// <summary>
/// Asks one shard: a replica, the next one when the first cannot be reached, both when the first is slow. Thread-safe.
/// </summary>
internal sealed class ShardCaller(ShardWire wire, IShardMap map, int shard, RouterOptions options)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly LatencyWindow _latencies = new();

    public int Shard => shard;

    /// <summary>Asks any replica that has a position, again and again until the time is over.</summary>
    /// <returns>The answer, and who gave it.</returns>
    /// <exception cref="SearchDatabaseException">The call was refused, or <see cref="SearchDatabaseError.ShardUnavailable"/>.</exception>
    public async Task<(T Answer, IShardTransport Replica)> AskAsync<T>(
        string operation,
        object? call,
        long minimumPosition,
        CancellationToken cancellationToken
    )
    {
        var body = wire.WriteCall(call);
        var watch = Stopwatch.StartNew();
        var pause = FirstPause;
        while (true)
        {
            ShardUnreachableException failure;
            var replicas = map.ReplicasOf(shard);
            try
            {
                var race = new HedgedCall(replicas, options.Hedges ? _latencies.Percentile95() : Timeout.InfiniteTimeSpan);
                var started = Stopwatch.GetTimestamp();
                var (reply, replica) = await race.RunAsync(
                        (replica, token) => CallAsync(replica, operation, minimumPosition, body, options.AttemptTimeout, token),
                        cancellationToken
                    )
                    .ConfigureAwait(false);
                _latencies.Add(Stopwatch.GetElapsedTime(started));
                return (wire.ReadReply<T>(reply), replica);
            }
            catch (ShardUnreachableException e)
            {
                failure = e;
            }

            if (watch.Elapsed >= options.Timeout)
                throw Unavailable(failure);
            await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>Asks the very replica that holds something open for the caller.</summary>
    /// <exception cref="SearchDatabaseException">The call was refused, or the replica cannot be reached: what it held is gone.</exception>
    public async Task<T> AskAsync<T>(IShardTransport replica, string operation, object? call, CancellationToken cancellationToken)
    {
        var body = wire.WriteCall(call);
        try
        {
            var reply = await CallAsync(replica, operation, 0, body, options.AttemptTimeout, cancellationToken).ConfigureAwait(false);
            return wire.ReadReply<T>(reply);
        }
        catch (ShardUnreachableException e)
        {
            throw new SearchDatabaseException(
                SearchDatabaseError.SnapshotTooOld,
                $"Replica {replica.Name} of shard {shard} of collection '{wire.Schema.Name}' cannot be reached any more, and what it held open is gone: begin again. {e.Message}",
                e
            )
            {
                Collection = wire.Schema.Name,
            };
        }
    }

    /// <summary>
    /// Has every replica that serves the shard now verify itself, all at the same time; each that cannot be reached is asked again until the
    /// time is over.
    /// </summary>
    /// <returns>What each said, or why it said nothing; none where no replica serves the shard.</returns>
    public async Task<IReadOnlyList<ReplicaVerification>> VerifyEachAsync(long minimumPosition, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var replicas = map.ReplicasOf(shard);
            if (replicas.Count > 0)
            {
                return await Task.WhenAll(replicas.Select(replica => VerifyAsync(replica, watch, minimumPosition, cancellationToken)))
                    .ConfigureAwait(false);
            }
            if (watch.Elapsed >= options.Timeout)
                return [];
            await Task.Delay(LongestPause, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<ReplicaVerification> VerifyAsync(
        IShardTransport replica,
        Stopwatch watch,
        long minimumPosition,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            try
            {
                // It reads all that the replica holds: no time is too long.
                var reply = await CallAsync(
                        replica,
                        ShardCalls.Verify,
                        minimumPosition,
                        default,
                        Timeout.InfiniteTimeSpan,
                        cancellationToken
                    )
                    .ConfigureAwait(false);
                return new ReplicaVerification(replica.Name, wire.ReadReply<ReplicaCheck>(reply), null);
            }
            catch (SearchDatabaseException e)
            {
                return new ReplicaVerification(replica.Name, null, e.Message);
            }
            catch (ShardUnreachableException e) when (watch.Elapsed >= options.Timeout)
            {
                return new ReplicaVerification(replica.Name, null, e.Message);
            }
            catch (ShardUnreachableException)
            {
                await Task.Delay(LongestPause, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static async Task<ReadOnlyMemory<byte>> CallAsync(
        IShardTransport replica,
        string operation,
        long minimumPosition,
        ReadOnlyMemory<byte> body,
        TimeSpan limit,
        CancellationToken cancellationToken
    )
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(limit);
        try
        {
            // Waited for apart: a transport that does not notice the end of the time is left to itself.
            return await replica.CallAsync(operation, minimumPosition, body, time.Token).WaitAsync(time.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ShardUnreachableException(
                FormattableString.Invariant($"Replica {replica.Name} did not answer within {limit.TotalSeconds:0.#} s."),
                e
            );
        }
    }

    private SearchDatabaseException Unavailable(ShardUnreachableException failure) =>
        new(
            SearchDatabaseError.ShardUnavailable,
            FormattableString.Invariant(
                $"Shard {shard} of collection '{wire.Schema.Name}' could not be asked for {options.Timeout.TotalSeconds:0.#} s ({failure.Message.TrimEnd('.')}): try again, or allow partial answers."
            ),
            failure
        )
        {
            Collection = wire.Schema.Name,
        };
}
