namespace SearchEngine;

/// <summary>Short forms of <see cref="ISearchCollection.WriteAsync"/>.</summary>
public static class SearchCollectionExtensions
{
    /// <summary>Inserts or replaces documents, as one batch.</summary>
    public static Task<WriteResult> UpsertAsync(
        this ISearchCollection collection,
        IReadOnlyCollection<Document> documents,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(collection);
        ArgumentNullException.ThrowIfNull(documents);
        var batch = new WriteBatch();
        foreach (var document in documents)
            batch.Upsert(document);
        return collection.WriteAsync(batch, cancellationToken);
    }

    /// <summary>Deletes records by key, as one batch; keys that are not there are passed over.</summary>
    public static Task<WriteResult> DeleteAsync(
        this ISearchCollection collection,
        IReadOnlyCollection<RecordKey> keys,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(collection);
        ArgumentNullException.ThrowIfNull(keys);
        var batch = new WriteBatch();
        foreach (var key in keys)
            batch.Delete(key);
        return collection.WriteAsync(batch, cancellationToken);
    }
}
