namespace SearchEngine;

/// <summary>
/// Records with data fields and vectors, searched by vector, by keyword, or both. Thread-safe: many readers and writers.
/// A write that returned is durable (see <see cref="DatabaseDurability"/>) and seen by every search that starts afterwards.
/// </summary>
public sealed partial class SearchCollection
{
    /// <summary>The collection's name.</summary>
    public string Name => throw new NotSupportedException();

    /// <summary>The schema, as stored.</summary>
    public CollectionSchema Schema => throw new NotSupportedException();

    /// <summary>Live records.</summary>
    public long Count => throw new NotSupportedException();

    /// <summary>Inserts or replaces documents, as one batch; texts are embedded first where the schema says so.</summary>
    public Task<WriteResult> UpsertAsync(IReadOnlyCollection<Document> documents, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>Inserts or replaces one document.</summary>
    public Task<WriteResult> UpsertAsync(Document document, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>Deletes records by key; keys that are not there are passed over.</summary>
    public Task<WriteResult> DeleteAsync(IReadOnlyCollection<RecordKey> keys, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>Deletes every record that matches; returns how many.</summary>
    public Task<long> DeleteAsync(DocumentFilter filter, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>Applies a batch of mixed operations: all of it or, after a crash before it was acknowledged, possibly none.</summary>
    public Task<WriteResult> WriteAsync(WriteBatch batch, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>A value set by <see cref="WriteBatch.SetMetadata"/>; null where there is none.</summary>
    public string? GetMetadata(string name) => throw new NotSupportedException();

    /// <summary>All metadata whose name starts with the prefix, in no particular order.</summary>
    public IEnumerable<KeyValuePair<string, string>> ListMetadata(string prefix = "") => throw new NotSupportedException();

    /// <summary>The record of a key; null where there is none.</summary>
    public Document? Get(RecordKey key, bool includeVectors = false) => throw new NotSupportedException();

    /// <summary>The records of the keys that exist, in the order of the keys.</summary>
    public IReadOnlyList<Document> Get(IReadOnlyCollection<RecordKey> keys, bool includeVectors = false) => throw new NotSupportedException();

    /// <summary>Whether a record of the key exists.</summary>
    public bool Contains(RecordKey key) => throw new NotSupportedException();

    /// <summary>All keys, in no particular order.</summary>
    public IEnumerable<RecordKey> ListKeys() => throw new NotSupportedException();

    /// <summary>Records by filter, unranked.</summary>
    public IEnumerable<Document> Query(RecordQuery query, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>How many records match.</summary>
    public long CountWhere(DocumentFilter filter) => throw new NotSupportedException();

    /// <summary>Searches; hits best first. An empty list where nothing is found.</summary>
    /// <exception cref="ArgumentException">The request does not fit the schema; the message names the field.</exception>
    /// <exception cref="SearchDatabaseException">A text query and no embedding generator.</exception>
    public Task<IReadOnlyList<SearchHit>> SearchAsync(SearchRequest request, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>Brings every view to one log address on disk and truncates the log; readers and writers go on.</summary>
    public Task CheckpointAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>Checks every view against every other; takes a while on a large collection, changes nothing.</summary>
    public Task<VerificationReport> VerifyAsync(IProgress<string>? progress = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>Gives the space of updates and deletes back and repairs graphs around deleted records.</summary>
    public Task CompactAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>Counts, sizes and the schema.</summary>
    public CollectionInfo GetInfo() => throw new NotSupportedException();
}
