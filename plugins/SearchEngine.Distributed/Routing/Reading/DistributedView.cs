using System.Runtime.CompilerServices;
using SearchEngine.Distributed.Routing.Asking;
using SearchEngine.Sharding;
using static SearchEngine.Distributed.Routing.Wire.ShardCalls;

namespace SearchEngine.Distributed.Routing.Reading;

/// <summary>Views of all shards, each held open by the replica that opened it. For one reader at a time.</summary>
internal sealed class DistributedView : ICollectionView
{
    private readonly CollectionSchema _schema;
    private readonly (ShardCaller Caller, IShardTransport Replica, long View)[] _parts;

    private DistributedView(CollectionSchema schema, (ShardCaller, IShardTransport, long)[] parts) => (_schema, _parts) = (schema, parts);

    /// <summary>Opens one.</summary>
    /// <param name="schema">The collection's schema.</param>
    /// <param name="callers">The shards.</param>
    /// <param name="minimums">What each must have applied.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<DistributedView> OpenAsync(
        CollectionSchema schema,
        ShardCaller[] callers,
        long[] minimums,
        CancellationToken cancellationToken
    )
    {
        var opened = await Task.WhenAll(
                callers.Select(async caller =>
                {
                    var (view, replica) = await caller
                        .AskAsync<long>(OpenView, null, minimums[caller.Shard], cancellationToken)
                        .ConfigureAwait(false);
                    return (caller, replica, view);
                })
            )
            .ConfigureAwait(false);
        return new DistributedView(schema, opened);
    }

    /// <summary>
    /// Records by filter, unranked. Without an order those of one shard follow those of another, in an order of their own; with one, records
    /// that are equal in it by shard.
    /// </summary>
    public IAsyncEnumerable<Document> QueryAsync(RecordQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        RecordOrder.Check(_schema, query);
        return query.OrderBy.Count == 0 ? OneByOneAsync(query, cancellationToken) : MergedAsync(query, cancellationToken);
    }

    public async Task<long> CountAsync(DocumentFilter? filter = null, CancellationToken cancellationToken = default) =>
        (await Task.WhenAll(_parts.Select(part => CountAsync(part, filter, cancellationToken))).ConfigureAwait(false)).Sum();

    public async IAsyncEnumerable<KeyValuePair<string, string>> ListMetadataAsync(
        string prefix = "",
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        foreach (var (caller, replica, view) in _parts)
        {
            var found = await caller
                .AskAsync<Dictionary<string, string>>(
                    replica,
                    Wire.ShardCalls.Metadata,
                    new MetadataCall(null, prefix, view),
                    cancellationToken
                )
                .ConfigureAwait(false);
            foreach (var entry in found)
                yield return entry;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (caller, replica, view) in _parts)
        {
            try
            {
                await caller.AskAsync<bool>(replica, CloseView, view, CancellationToken.None).ConfigureAwait(false);
            }
            catch (SearchDatabaseException)
            {
                // The replica is gone, and the view with it.
            }
        }
    }

    private async IAsyncEnumerable<Document> OneByOneAsync(RecordQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (skip, top) = ((long)query.Skip, query.Top);
        foreach (var part in _parts)
        {
            if (top == 0)
                yield break;
            if (skip > 0 && await CountAsync(part, query.Filter, cancellationToken).ConfigureAwait(false) is var count && count <= skip)
            {
                skip -= count;
                continue;
            }

            var cursor = await ShardCursor
                .OpenAsync(part.Caller, part.Replica, query with { Skip = (int)skip, Top = top }, part.View, cancellationToken)
                .ConfigureAwait(false);
            await using var closing = cursor.ConfigureAwait(false);
            await foreach (var document in cursor.DocumentsAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return document;
                if (top != int.MaxValue)
                    top--;
            }

            skip = 0;
        }
    }

    private async IAsyncEnumerable<Document> MergedAsync(RecordQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var first = query with { Skip = 0, Top = (int)Math.Min(int.MaxValue, (long)query.Skip + query.Top) };
        var cursors = new List<ShardCursor>(_parts.Length);
        var rows = new List<IAsyncEnumerator<Document>>(_parts.Length);
        try
        {
            var next = new PriorityQueue<int, (Document Document, int Part)>(
                Comparer<(Document Document, int Part)>.Create(
                    (a, b) =>
                        RecordOrder.Compare(query.OrderBy, a.Document, b.Document) is var order && order != 0
                            ? order
                            : a.Part.CompareTo(b.Part)
                )
            );
            foreach (var (caller, replica, view) in _parts)
            {
                cursors.Add(await ShardCursor.OpenAsync(caller, replica, first, view, cancellationToken).ConfigureAwait(false));
                rows.Add(cursors[^1].DocumentsAsync(cancellationToken).GetAsyncEnumerator(cancellationToken));
                if (await rows[^1].MoveNextAsync().ConfigureAwait(false))
                    next.Enqueue(rows.Count - 1, (rows[^1].Current, rows.Count - 1));
            }

            for (var seen = 0L; seen < (long)query.Skip + query.Top && next.TryDequeue(out var part, out var row); seen++)
            {
                if (seen >= query.Skip)
                    yield return row.Document;
                if (await rows[part].MoveNextAsync().ConfigureAwait(false))
                    next.Enqueue(part, (rows[part].Current, part));
            }
        }
        finally
        {
            foreach (var row in rows)
                await row.DisposeAsync().ConfigureAwait(false);
            foreach (var cursor in cursors)
                await cursor.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static Task<long> CountAsync(
        (ShardCaller Caller, IShardTransport Replica, long View) part,
        DocumentFilter? filter,
        CancellationToken cancellationToken
    ) => part.Caller.AskAsync<long>(part.Replica, Count, new CountCall(filter, part.View), cancellationToken);
}
