namespace SearchEngine.Distributed.Routing.Asking;

/// <summary>
/// Asks replicas one after the other: the next one when one cannot be reached, and one beside the first when that is slow (Dean and Barroso,
/// "The tail at scale", CACM 2013). The first answer counts, the others are given up.
/// </summary>
/// <param name="replicas">Whom to ask, in this order.</param>
/// <param name="patience">How long the first may take before a second is asked too.</param>
internal sealed class HedgedCall(IReadOnlyList<IShardTransport> replicas, TimeSpan patience)
{
    /// <exception cref="ShardUnreachableException">None could be reached.</exception>
    public async Task<(ReadOnlyMemory<byte> Reply, IShardTransport Replica)> RunAsync(
        Func<IShardTransport, CancellationToken, Task<ReadOnlyMemory<byte>>> call,
        CancellationToken cancellationToken
    )
    {
        if (replicas.Count == 0)
            throw new ShardUnreachableException("No replica serves it.");
        using var others = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new Dictionary<Task<ReadOnlyMemory<byte>>, IShardTransport>();
        var next = 0;
        void Start()
        {
            var replica = replicas[next++];
            running.Add(Task.Run(() => call(replica, others.Token), CancellationToken.None), replica);
        }

        Start();
        var hedge = replicas.Count > 1 && patience != Timeout.InfiniteTimeSpan ? Task.Delay(patience, others.Token) : null;
        try
        {
            while (true)
            {
                var first = await Task.WhenAny(hedge is null ? running.Keys : [hedge, .. running.Keys]).ConfigureAwait(false);
                if (first == hedge)
                {
                    hedge = null;
                    cancellationToken.ThrowIfCancellationRequested();
                    if (next < replicas.Count)
                        Start();
                    continue;
                }

                var done = (Task<ReadOnlyMemory<byte>>)first;
                running.Remove(done, out var replica);
                try
                {
                    return (await done.ConfigureAwait(false), replica!);
                }
                catch (ShardUnreachableException)
                {
                    if (next < replicas.Count)
                        Start();
                    else if (running.Count == 0)
                        throw;
                }
            }
        }
        finally
        {
            await others.CancelAsync().ConfigureAwait(false);
            foreach (var task in running.Keys)
            {
                _ = task.ContinueWith(
                    lost => lost.Exception,
                    CancellationToken.None,
                    TaskContinuationOptions.OnlyOnFaulted,
                    TaskScheduler.Default
                );
            }
        }
    }
}
