using System.Runtime.CompilerServices;

namespace SearchEngine;

/// <content>The asynchronous reads of <see cref="ISearchCollection"/>. What is in memory or one read away is answered at once.</content>
public sealed partial class SearchCollection
{
    /// <inheritdoc />
    public Task<Document?> GetAsync(RecordKey key, bool includeVectors = false, CancellationToken cancellationToken = default) =>
        AtOnce(() => Get(key, includeVectors), cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<Document>> GetAsync(
        IReadOnlyCollection<RecordKey> keys,
        bool includeVectors = false,
        CancellationToken cancellationToken = default
    ) => AtOnce(() => Get(keys, includeVectors), cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<Suggestion>> SuggestAsync(string text, int top = 8, CancellationToken cancellationToken = default) =>
        AtOnce(() => Suggest(text, top), cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<Document> QueryAsync(RecordQuery query, CancellationToken cancellationToken = default) =>
        CollectionView.EnumerateAsync(Query(query, cancellationToken), cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<RecordKey> ListKeysAsync(CancellationToken cancellationToken = default) =>
        CollectionView.EnumerateAsync(ListKeys(), cancellationToken);

    /// <inheritdoc />
    public Task<long> CountAsync(DocumentFilter? filter = null, CancellationToken cancellationToken = default)
    {
        _engine.ThrowIfClosed();
        return filter is null
            ? Task.FromResult(Count)
            : AtOnce(() => _engine.Queries.Count(FilterBinder.Bind(Schema, filter), cancellationToken), cancellationToken);
    }

    /// <inheritdoc />
    public Task<string?> GetMetadataAsync(string name, CancellationToken cancellationToken = default) =>
        AtOnce(() => GetMetadata(name), cancellationToken);

    /// <inheritdoc />
    public async IAsyncEnumerable<KeyValuePair<string, string>> ListMetadataAsync(
        string prefix = "",
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        // Reads the whole store: not on the caller's thread.
        foreach (var entry in await Task.Run(() => ListMetadata(prefix), cancellationToken).ConfigureAwait(false))
            yield return entry;
    }

    /// <inheritdoc />
    public Task<ICollectionView> OpenViewAsync(CancellationToken cancellationToken = default) =>
        AtOnce<ICollectionView>(() => new CollectionView(_engine, _engine.Timeline.Lease()), cancellationToken);

    /// <inheritdoc />
    public Task<CollectionInfo> GetInfoAsync(CancellationToken cancellationToken = default) => Task.Run(GetInfo, cancellationToken);

    private static Task<T> AtOnce<T>(Func<T> read, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled<T>(cancellationToken);
        try
        {
            return Task.FromResult(read());
        }
        catch (Exception e) when (e is SearchDatabaseException or OperationCanceledException)
        {
            return Task.FromException<T>(e);
        }
    }
}
