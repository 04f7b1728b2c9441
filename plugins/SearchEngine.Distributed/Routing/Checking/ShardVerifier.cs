using SearchEngine.Distributed.Routing.Asking;

namespace SearchEngine.Distributed.Routing.Checking;

/// <summary>
/// Has every replica of a shard verify itself and holds their contents against each other; where they were written to meanwhile, a few times
/// over. Thread-safe.
/// </summary>
internal sealed class ShardVerifier(ShardCaller caller, ShardPositions positions)
{
    /// <summary>Each reads all records of all replicas.</summary>
    private const int Attempts = 3;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    /// <exception cref="SearchDatabaseException">The log cannot be asked, or the collection is gone.</exception>
    public async Task<ShardVerification> VerifyAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            // Every replica is to be as far as the log is now: at rest they are at one position then.
            var minimum = await positions.MinimumAsync(caller.Shard, cancellationToken).ConfigureAwait(false);
            var found = new ShardVerification(caller.Shard, await caller.VerifyEachAsync(minimum, cancellationToken).ConfigureAwait(false));
            if (found.IsCompared || attempt == Attempts || found.Replicas.Any(replica => replica.Found is null))
                return found;
            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }
}
