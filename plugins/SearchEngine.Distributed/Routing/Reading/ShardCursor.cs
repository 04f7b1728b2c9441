using System.Runtime.CompilerServices;
using SearchEngine.Distributed.Routing.Asking;
using static SearchEngine.Distributed.Routing.Wire.ShardCalls;

namespace SearchEngine.Distributed.Routing.Reading;

/// <summary>A cursor that a replica holds open, read page by page. For one reader.</summary>
internal sealed class ShardCursor : IAsyncDisposable
{
    private readonly ShardCaller _caller;
    private readonly IShardTransport _replica;
    private Page _page;

    private ShardCursor(ShardCaller caller, IShardTransport replica, Page first) => (_caller, _replica, _page) = (caller, replica, first);

    /// <summary>Opens a cursor over the records of a query, or over all keys, of the present.</summary>
    public static async Task<ShardCursor> OpenAsync(
        ShardCaller caller,
        RecordQuery? query,
        long minimumPosition,
        CancellationToken cancellationToken
    )
    {
        var (first, replica) = await caller
            .AskAsync<Page>(OpenCursor, new CursorCall(query, null), minimumPosition, cancellationToken)
            .ConfigureAwait(false);
        return new ShardCursor(caller, replica, first);
    }

    /// <summary>Opens a cursor over the records of a query in a view that a replica holds open.</summary>
    public static async Task<ShardCursor> OpenAsync(
        ShardCaller caller,
        IShardTransport replica,
        RecordQuery query,
        long view,
        CancellationToken cancellationToken
    )
    {
        var first = await caller.AskAsync<Page>(replica, OpenCursor, new CursorCall(query, view), cancellationToken).ConfigureAwait(false);
        return new ShardCursor(caller, replica, first);
    }

    /// <summary>The pages.</summary>
    public async IAsyncEnumerable<Page> PagesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            yield return _page;
            if (_page.Cursor is not { } cursor)
                yield break;
            _page = await _caller.AskAsync<Page>(_replica, ReadCursor, cursor, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The documents of the pages.</summary>
    public async IAsyncEnumerable<Document> DocumentsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var page in PagesAsync(cancellationToken).ConfigureAwait(false))
        {
            foreach (var document in page.Documents)
                yield return document;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_page.Cursor is not { } cursor)
            return;
        try
        {
            await _caller.AskAsync<bool>(_replica, CloseCursor, cursor, CancellationToken.None).ConfigureAwait(false);
        }
        catch (SearchDatabaseException)
        {
            // The replica is gone, and the cursor with it.
        }
    }
}
