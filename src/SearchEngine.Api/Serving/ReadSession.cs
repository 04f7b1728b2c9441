namespace SearchEngine.Api.Serving;

/// <summary>A moment of a collection that is held between requests, and the scroll that goes through it. One request at a time.</summary>
internal sealed class ReadSession(string id, string collection, string caller, ISearchCollection source, ICollectionView view)
    : IAsyncDisposable
{
    private readonly CancellationTokenSource _closing = new();
    private IAsyncEnumerator<Document>? _cursor;
    private Document? _ahead;
    private long _page;
    private IReadOnlyList<Document> _last = [];
    private int _limit;

    public string Id { get; } = id;

    public string Collection { get; } = collection;

    /// <summary>Who opened it; nobody else may use it.</summary>
    public string Caller { get; } = caller;

    public ISearchCollection Source { get; } = source;

    public ICollectionView View { get; } = view;

    public SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>When it was used last, in milliseconds of the process.</summary>
    public long LastUse { get; set; } = Environment.TickCount64;

    /// <summary>Whether a scroll has been begun in it.</summary>
    public bool IsScroll => _cursor is not null;

    /// <summary>The token of the page behind the last one; null behind the end.</summary>
    public string? Next => _ahead is null ? null : $"{Id}.{_page}";

    /// <summary>Begins a scroll.</summary>
    public async Task<IReadOnlyList<Document>> BeginAsync(RecordQuery query, int limit)
    {
        _limit = limit;
        _cursor = View.QueryAsync(query, _closing.Token).GetAsyncEnumerator(_closing.Token);
        _ahead = await _cursor.MoveNextAsync() ? _cursor.Current : null;
        return await ReadPageAsync();
    }

    /// <summary>The page of a number; null where it is neither the next one nor the last one that was read.</summary>
    public async Task<IReadOnlyList<Document>?> ReadAsync(long page)
    {
        if (page == _page - 1)
            return _last;
        return page == _page && _cursor is not null ? await ReadPageAsync() : null;
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        if (_cursor is not null)
            await _cursor.DisposeAsync();
        await View.DisposeAsync();
        _closing.Dispose();
    }

    private async Task<IReadOnlyList<Document>> ReadPageAsync()
    {
        var page = new List<Document>();
        while (_ahead is not null && page.Count < _limit)
        {
            page.Add(_ahead);
            _ahead = await _cursor!.MoveNextAsync() ? _cursor.Current : null;
        }

        _page++;
        return _last = page;
    }
}
