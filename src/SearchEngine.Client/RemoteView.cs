namespace SearchEngine.Client;

/// <summary>A moment that the host holds.</summary>
internal sealed class RemoteView(RemoteCollection collection, string id) : ICollectionView
{
    public IAsyncEnumerable<Document> QueryAsync(RecordQuery query, CancellationToken cancellationToken = default) =>
        collection.QueryAsync(query, id, cancellationToken);

    public Task<long> CountAsync(DocumentFilter? filter = null, CancellationToken cancellationToken = default) =>
        collection.CountAsync(filter, id, cancellationToken);

    public IAsyncEnumerable<KeyValuePair<string, string>> ListMetadataAsync(
        string prefix = "",
        CancellationToken cancellationToken = default
    ) => collection.ListMetadataAsync(prefix, id, cancellationToken);

    public ValueTask DisposeAsync() => new(collection.CloseViewAsync(id));
}
