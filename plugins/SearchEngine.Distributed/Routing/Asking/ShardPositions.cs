using SearchEngine.Distributed.Log;

namespace SearchEngine.Distributed.Routing.Asking;

/// <summary>The positions that reads must see. Only grow. Thread-safe.</summary>
internal sealed class ShardPositions(SharedCollection collection, ISharedLog log, ReadConsistency consistency)
{
    private readonly long[] _known = new long[collection.Shards];

    /// <summary>Says that a position was acknowledged.</summary>
    public void Acknowledge(int shard, long position)
    {
        var known = Volatile.Read(ref _known[shard]);
        while (position > known)
        {
            var before = Interlocked.CompareExchange(ref _known[shard], position, known);
            if (before == known)
                return;
            known = before;
        }
    }

    /// <summary>What a read of a shard that begins now must see.</summary>
    /// <exception cref="SearchDatabaseException">The log cannot be asked, or the collection is gone.</exception>
    public async Task<long> MinimumAsync(int shard, CancellationToken cancellationToken)
    {
        if (consistency == ReadConsistency.Latest)
        {
            var bounds = await LogFailures
                .TranslateAsync(() => log.GetBoundsAsync(collection.LogOf(shard), cancellationToken), collection.Name)
                .ConfigureAwait(false);
            Acknowledge(shard, bounds.Head);
        }

        return Volatile.Read(ref _known[shard]);
    }

    /// <summary>The same of all shards, by number: the log is asked once.</summary>
    /// <exception cref="SearchDatabaseException">Likewise.</exception>
    public async Task<long[]> MinimumsAsync(CancellationToken cancellationToken)
    {
        if (consistency == ReadConsistency.Latest)
        {
            var heads = await LogFailures
                .TranslateAsync(() => log.GetHeadsAsync(collection.Id, cancellationToken), collection.Name)
                .ConfigureAwait(false);
            for (var shard = 0; shard < heads.Count; shard++)
                Acknowledge(shard, heads[shard]);
        }

        return [.. Enumerable.Range(0, collection.Shards).Select(shard => Volatile.Read(ref _known[shard]))];
    }
}
