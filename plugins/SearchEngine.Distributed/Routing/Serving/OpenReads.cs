using SearchEngine.Distributed.Routing.Wire;
using static SearchEngine.Distributed.Routing.Wire.ShardCalls;

namespace SearchEngine.Distributed.Routing.Serving;

/// <summary>
/// Views and cursors that a replica holds open for routers, and the reads that need one or may name one. What was not used for a while is
/// closed: its router is gone. Thread-safe; a cursor is read by one at a time.
/// </summary>
internal sealed class OpenReads(SearchCollection collection) : IAsyncDisposable
{
    /// <summary>Records of a page at most.</summary>
    private const int PageRecords = 500;

    /// <summary>Characters and components of a page, about, after which it is sent.</summary>
    private const int PageSize = 1 << 20;

    private readonly IdleTable<ICollectionView> _views = new();
    private readonly IdleTable<IAsyncEnumerator<Document>> _cursors = new();
    private readonly IdleTable<IAsyncEnumerator<RecordKey>> _keys = new();

    public async Task<ReadOnlyMemory<byte>> AnswerAsync(
        string operation,
        ReadOnlyMemory<byte> body,
        ShardWire wire,
        CancellationToken token
    )
    {
        switch (operation)
        {
            case OpenView:
                var opened = await collection.OpenViewAsync(token).ConfigureAwait(false);
                return wire.WriteReply(await _views.AddAsync(opened).ConfigureAwait(false));
            case CloseView:
                await _views.RemoveAsync(wire.Read<long>(body)).ConfigureAwait(false);
                return wire.WriteReply(true);
            case Count:
                var count = wire.Read<CountCall>(body);
                return wire.WriteReply(
                    count.View is { } view
                        ? await ViewOf(view).CountAsync(count.Filter, token).ConfigureAwait(false)
                        : await collection.CountAsync(count.Filter, token).ConfigureAwait(false)
                );
            case ShardCalls.Metadata:
                return wire.WriteReply(await MetadataAsync(wire.Read<MetadataCall>(body), token).ConfigureAwait(false));
            case OpenCursor:
                return wire.WriteReply(await OpenAsync(wire.Read<CursorCall>(body)).ConfigureAwait(false));
            case ReadCursor:
                return wire.WriteReply(await ReadOnAsync(wire.Read<long>(body)).ConfigureAwait(false));
            case CloseCursor:
                var cursor = wire.Read<long>(body);
                await _cursors.RemoveAsync(cursor).ConfigureAwait(false);
                await _keys.RemoveAsync(cursor).ConfigureAwait(false);
                return wire.WriteReply(true);
            default:
                throw new ShardUnreachableException($"A replica does not know the operation '{operation}': it is of another version.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _views.DisposeAsync().ConfigureAwait(false);
        await _cursors.DisposeAsync().ConfigureAwait(false);
        await _keys.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<Dictionary<string, string>> MetadataAsync(MetadataCall call, CancellationToken token)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        if (call.Name is { } name)
        {
            if (await collection.GetMetadataAsync(name, token).ConfigureAwait(false) is { } value)
                found[name] = value;
            return found;
        }

        var prefix = call.Prefix ?? "";
        var entries = call.View is { } view ? ViewOf(view).ListMetadataAsync(prefix, token) : collection.ListMetadataAsync(prefix, token);
        await foreach (var (key, value) in entries.ConfigureAwait(false))
        {
            if (!ReplicaMetadata.IsOwn(key))
                found[key] = value;
        }

        return found;
    }

    private async Task<Page> OpenAsync(CursorCall call)
    {
        // A cursor outlives the call that opens it.
        if (call.Query is not { } query)
        {
            var keys = collection.ListKeysAsync(CancellationToken.None).GetAsyncEnumerator(CancellationToken.None);
            return await ReadKeysAsync(await _keys.AddAsync(keys).ConfigureAwait(false), keys).ConfigureAwait(false);
        }

        var documents = call.View is { } view
            ? ViewOf(view).QueryAsync(query, CancellationToken.None)
            : collection.QueryAsync(query, CancellationToken.None);
        var cursor = documents.GetAsyncEnumerator(CancellationToken.None);
        return await ReadDocumentsAsync(await _cursors.AddAsync(cursor).ConfigureAwait(false), cursor).ConfigureAwait(false);
    }

    private Task<Page> ReadOnAsync(long number) =>
        _cursors.Find(number) is { } cursor ? ReadDocumentsAsync(number, cursor)
        : _keys.Find(number) is { } keys ? ReadKeysAsync(number, keys)
        : throw Unknown("cursor");

    private async Task<Page> ReadDocumentsAsync(long number, IAsyncEnumerator<Document> cursor)
    {
        var (next, documents) = await ReadAsync(_cursors, number, cursor, SizeOf).ConfigureAwait(false);
        return new Page(next, documents, []);
    }

    private async Task<Page> ReadKeysAsync(long number, IAsyncEnumerator<RecordKey> cursor)
    {
        var (next, keys) = await ReadAsync(_keys, number, cursor, _ => 0).ConfigureAwait(false);
        return new Page(next, [], keys);
    }

    /// <summary>The next rows of a cursor, and its number where there may be more; one that has ended is closed.</summary>
    private static async Task<(long? Next, List<T> Rows)> ReadAsync<T>(
        IdleTable<IAsyncEnumerator<T>> open,
        long number,
        IAsyncEnumerator<T> cursor,
        Func<T, int> sizeOf
    )
    {
        var rows = new List<T>();
        var size = 0;
        while (rows.Count < PageRecords && size < PageSize)
        {
            if (!await cursor.MoveNextAsync().ConfigureAwait(false))
            {
                await open.RemoveAsync(number).ConfigureAwait(false);
                return (null, rows);
            }

            rows.Add(cursor.Current);
            size += sizeOf(cursor.Current);
        }

        return (number, rows);
    }

    private static int SizeOf(Document document) =>
        document.Vectors.Values.Sum(vector => vector.Length * 4)
        + document.Fields.Values.Sum(value =>
            value switch
            {
                string text => text.Length,
                Array list => list.Length * 16,
                _ => 8,
            }
        );

    private ICollectionView ViewOf(long number) => _views.Find(number) ?? throw Unknown("view");

    private SearchDatabaseException Unknown(string what) =>
        new(
            SearchDatabaseError.SnapshotTooOld,
            $"A {what} of collection '{collection.Name}' is not open (any more): it was not read for too long, or its replica is gone. Begin again."
        )
        {
            Collection = collection.Name,
        };
}
