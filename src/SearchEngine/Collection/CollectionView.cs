using System.Runtime.CompilerServices;
using SearchEngine.Moments;

namespace SearchEngine;

/// <summary>Reads of one moment of a collection in this process.</summary>
internal sealed class CollectionView(CollectionEngine engine, ReadLease lease) : ICollectionView
{
    /// <summary>Records between two looks at whether the caller wants more, and for others to run.</summary>
    private const int YieldEvery = 1000;

    public IAsyncEnumerable<Document> QueryAsync(RecordQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var filter = engine.Queries.Bind(query);
        return EnumerateAsync(engine.Queries.Run(lease, query, filter, cancellationToken), cancellationToken);
    }

    public Task<long> CountAsync(DocumentFilter? filter = null, CancellationToken cancellationToken = default)
    {
        using var step = lease.Step();
        return Task.FromResult(
            filter is null
                ? step.Moment.Live.Count
                : Ordinals.Count(engine.Filters.Resolve(step.Moment, FilterBinder.Bind(engine.Schema, filter), cancellationToken))
        );
    }

    public async IAsyncEnumerable<KeyValuePair<string, string>> ListMetadataAsync(
        string prefix = "",
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        // Reads the whole store: not on the caller's thread.
        var found = await Task.Run(
                () =>
                {
                    using var step = lease.Step();
                    return engine.Metadata.List(step.Moment, prefix);
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        foreach (var entry in found)
            yield return entry;
    }

    public ValueTask DisposeAsync()
    {
        lease.Dispose();
        return default;
    }

    /// <summary>A synchronous enumeration, which begins with the asynchronous one, as that.</summary>
    public static async IAsyncEnumerable<T> EnumerateAsync<T>(
        IEnumerable<T> items,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var count = 0;
        foreach (var item in items)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return item;
            if (++count % YieldEvery == 0)
                await Task.Yield();
        }
    }
}
