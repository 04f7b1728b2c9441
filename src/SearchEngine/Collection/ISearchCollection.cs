namespace SearchEngine;

/// <summary>
/// A collection of records as hosts, pipelines and connectors use it: write, search, read, count. Asynchronous throughout, and all that
/// goes
/// in and out is plain data, so that a collection may be in this process (<see cref="SearchCollection"/>) or behind a network. Thread-safe.
/// A write that returned is seen by every read that starts afterwards, and every read sees one moment.
/// </summary>
public interface ISearchCollection
{
    /// <summary>The collection's name.</summary>
    string Name { get; }

    /// <summary>The schema, as stored.</summary>
    CollectionSchema Schema { get; }

    /// <summary>Applies a batch of mixed operations, all of it or none.</summary>
    /// <exception cref="ArgumentException">An operation does not fit the schema.</exception>
    /// <exception cref="SearchDatabaseException">A record has another version than the batch expects, or the disk refused.</exception>
    Task<WriteResult> WriteAsync(WriteBatch batch, CancellationToken cancellationToken = default);

    /// <summary>
    /// Embeds the texts that a batch leaves to the engine and puts the vectors into its documents; changes nothing in the collection.
    /// </summary>
    /// <exception cref="SearchDatabaseException">There are texts to embed and no embedding generator, or one of another model.</exception>
    Task EmbedDocumentsAsync(WriteBatch batch, CancellationToken cancellationToken = default);

    /// <summary>Deletes the records that match; returns how many were deleted. Not one batch.</summary>
    /// <exception cref="ArgumentException">The filter does not fit the schema.</exception>
    Task<long> DeleteAsync(DocumentFilter filter, CancellationToken cancellationToken = default);

    /// <summary>Patches the records that match; returns how many were patched. Not one batch.</summary>
    /// <exception cref="ArgumentException">The filter or the changes do not fit the schema.</exception>
    Task<long> PatchAsync(DocumentFilter filter, Document changes, CancellationToken cancellationToken = default);

    /// <summary>
    /// Searches; hits best first. The first n hits do not depend on how many are asked for: pages are slices of one search.
    /// </summary>
    /// <exception cref="ArgumentException">The request does not fit the schema.</exception>
    Task<IReadOnlyList<SearchHit>> SearchAsync(SearchRequest request, CancellationToken cancellationToken = default);

    /// <summary>Searches; the hits with what else was asked for (facets, totals) and what is to be said (a corrected spelling).</summary>
    /// <exception cref="ArgumentException">The request does not fit the schema; the message names the field.</exception>
    Task<SearchResults> FindAsync(SearchRequest request, CancellationToken cancellationToken = default);

    /// <summary>Ways to go on with a text whose last word is not finished, at most <paramref name="top"/> (1 to 50), best first.</summary>
    Task<IReadOnlyList<Suggestion>> SuggestAsync(string text, int top = 8, CancellationToken cancellationToken = default);

    /// <summary>The record of a key; null where there is none.</summary>
    Task<Document?> GetAsync(RecordKey key, bool includeVectors = false, CancellationToken cancellationToken = default);

    /// <summary>The records of the keys that exist, in the order of the keys, all of one moment.</summary>
    Task<IReadOnlyList<Document>> GetAsync(
        IReadOnlyCollection<RecordKey> keys,
        bool includeVectors = false,
        CancellationToken cancellationToken = default
    );

    /// <summary>Records by filter, unranked; each enumeration sees the moment in which it begins.</summary>
    /// <exception cref="ArgumentException">The query does not fit the schema.</exception>
    IAsyncEnumerable<Document> QueryAsync(RecordQuery query, CancellationToken cancellationToken = default);

    /// <summary>All keys, in no particular order; each enumeration sees the moment in which it begins.</summary>
    IAsyncEnumerable<RecordKey> ListKeysAsync(CancellationToken cancellationToken = default);

    /// <summary>How many records there are, or match.</summary>
    Task<long> CountAsync(DocumentFilter? filter = null, CancellationToken cancellationToken = default);

    /// <summary>A value set by <see cref="WriteBatch.SetMetadata"/>; null where there is none.</summary>
    Task<string?> GetMetadataAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>All metadata whose name starts with the prefix, of one moment, in no particular order.</summary>
    IAsyncEnumerable<KeyValuePair<string, string>> ListMetadataAsync(string prefix = "", CancellationToken cancellationToken = default);

    /// <summary>Opens a view: several reads of one moment. Dispose it.</summary>
    Task<ICollectionView> OpenViewAsync(CancellationToken cancellationToken = default);

    /// <summary>Counts, sizes and the schema.</summary>
    Task<CollectionInfo> GetInfoAsync(CancellationToken cancellationToken = default);
}

/// <summary>
/// A collection at one moment, for reads that must agree with each other: an export, a report. What it holds up is bounded as for any long
/// read (<see cref="SearchDatabaseError.SnapshotTooOld"/>). For one reader at a time.
/// </summary>
public interface ICollectionView : IAsyncDisposable
{
    /// <summary>Records by filter, unranked.</summary>
    /// <exception cref="ArgumentException">The query does not fit the schema.</exception>
    IAsyncEnumerable<Document> QueryAsync(RecordQuery query, CancellationToken cancellationToken = default);

    /// <summary>How many records there are, or match.</summary>
    Task<long> CountAsync(DocumentFilter? filter = null, CancellationToken cancellationToken = default);

    /// <summary>All metadata whose name starts with the prefix, in no particular order.</summary>
    IAsyncEnumerable<KeyValuePair<string, string>> ListMetadataAsync(string prefix = "", CancellationToken cancellationToken = default);
}
