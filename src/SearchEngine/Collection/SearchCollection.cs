using SearchEngine.Maintenance;
using SearchEngine.Moments;

namespace SearchEngine;

/// <summary>
/// Records with data fields and vectors, searched by vector, by keyword, or both. Thread-safe: many readers and writers.
/// A write that returned is durable (see <see cref="DatabaseDurability"/>) and seen by every read that starts afterwards.
/// </summary>
/// <remarks>
/// Every read (a search, a query however slowly it is enumerated, a listing, a count, an export, several keys) sees one moment of the
/// collection: for every record the version of that moment, never none and never two. Readers take no lock. What a long read may still
/// want is kept; when as many dead records have piled up behind it as there are live ones (and at least 100,000), the read ends with
/// <see cref="SearchDatabaseError.SnapshotTooOld"/>. An enumerator that is forgotten is noticed when it is collected.
/// </remarks>
public sealed partial class SearchCollection : IVerifiableCollection
{
    private readonly CollectionEngine _engine;

    internal SearchCollection(CollectionEngine engine) => _engine = engine;

    /// <summary>The collection's name.</summary>
    public string Name => Schema.Name;

    /// <summary>The schema, as stored.</summary>
    public CollectionSchema Schema => _engine.Schema;

    /// <summary>Live records.</summary>
    public long Count => _engine.Timeline.Current.Live.Count;

    /// <summary>
    /// Why the collection takes no writes although its database was opened for writing: the disk was full when it was opened, so what an
    /// opening writes was kept in memory. Null where it takes them. It holds everything acknowledged; free space, then call
    /// <see cref="SearchDatabase.ReopenCollectionAsync"/> (or open the database again).
    /// </summary>
    public string? ReadOnlyReason => _engine.Options.ReadOnlyReason;

    internal CollectionEngine Engine => _engine;

    /// <summary>Counts, sizes and the schema.</summary>
    public CollectionInfo GetInfo()
    {
        using var reading = _engine.Timeline.Enter();
        return _engine.Info();
    }

    /// <summary>Inserts or replaces documents, as one batch; texts are embedded first where the schema says so.</summary>
    /// <exception cref="ArgumentException">A document does not fit the schema; nothing of the batch is stored.</exception>
    public Task<WriteResult> UpsertAsync(IReadOnlyCollection<Document> documents, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(documents);
        var batch = new WriteBatch();
        foreach (var document in documents)
            batch.Upsert(document);
        return WriteAsync(batch, cancellationToken);
    }

    /// <summary>Inserts or replaces one document.</summary>
    public Task<WriteResult> UpsertAsync(Document document, CancellationToken cancellationToken = default) =>
        WriteAsync(new WriteBatch().Upsert(document), cancellationToken);

    /// <summary>Deletes records by key; keys that are not there are passed over.</summary>
    public Task<WriteResult> DeleteAsync(IReadOnlyCollection<RecordKey> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var batch = new WriteBatch();
        foreach (var key in keys)
            batch.Delete(key);
        return WriteAsync(batch, cancellationToken);
    }

    /// <summary>
    /// Deletes the records that match; returns how many were deleted. Each is decided where it is deleted: one that was replaced since it
    /// was found goes only if it matches still. Not one batch: a crash or an error in the middle leaves some undeleted.
    /// </summary>
    /// <exception cref="ArgumentException">The filter does not fit the schema.</exception>
    public Task<long> DeleteAsync(DocumentFilter filter, CancellationToken cancellationToken = default)
    {
        _engine.ThrowIfNotWritable();
        return _engine.FilteredWrites.RunAsync(
            FilterBinder.Bind(Schema, filter),
            key => _engine.Preparer.Delete(key),
            result => result.Deleted,
            cancellationToken
        );
    }

    /// <summary>
    /// Patches the records that match, as <see cref="WriteBatch.Patch"/> does one; returns how many were. Decided like
    /// <see cref="DeleteAsync(DocumentFilter, CancellationToken)"/>: one that was replaced since it was found is patched only if it matches
    /// still.
    /// </summary>
    /// <param name="filter">Which records.</param>
    /// <param name="changes">What to set in each; its key is passed over.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="ArgumentException">The filter or the changes do not fit the schema.</exception>
    public async Task<long> PatchAsync(DocumentFilter filter, Document changes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        _engine.ThrowIfNotWritable();
        var bound = FilterBinder.Bind(Schema, filter);
        var patch = await _engine.Preparer.PreparePatchAsync(changes, cancellationToken).ConfigureAwait(false);
        return await _engine
            .FilteredWrites.RunAsync(
                bound,
                key => patch with { Key = key, EncodedKey = key.Encode() },
                result => result.Updated,
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>Applies a batch of mixed operations: all of it or, after a crash before it was acknowledged, possibly none.</summary>
    /// <exception cref="ArgumentException">An operation does not fit the schema; nothing of the batch is stored.</exception>
    /// <exception cref="SearchDatabaseException">
    /// A record has another version than the batch expects (nothing of the batch is applied); or the disk refused, or an earlier write
    /// failed: the message says what to do.
    /// </exception>
    public async Task<WriteResult> WriteAsync(WriteBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        _engine.ThrowIfNotWritable();
        return await SearchDiagnostics
            .ObserveAsync("write", Name, () => _engine.WriteAsync(batch, cancellationToken))
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Embeds the texts that a batch leaves to the engine and puts the vectors into its documents, so that <see cref="WriteAsync"/> has
    /// nothing left to embed: a pipeline embeds one batch while the one before is stored. Changes nothing in the collection.
    /// </summary>
    /// <exception cref="SearchDatabaseException">There are texts to embed and no embedding generator, or one of another model.</exception>
    public async Task EmbedDocumentsAsync(WriteBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        _engine.ThrowIfNotWritable();
        await _engine.Embedder.EmbedIntoAsync(batch, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The record of a key; null where there is none. Vectors cost one more read each.</summary>
    public Document? Get(RecordKey key, bool includeVectors = false)
    {
        var encoded = _engine.Preparer.Encode(key);
        using var guard = _engine.Timeline.Enter();
        var ordinal = _engine.Keys.Find(guard.Moment, key, encoded);
        return ordinal < 0 ? null : _engine.Records.Read(ordinal, includeVectors);
    }

    /// <summary>The records of the keys that exist, in the order of the keys, all of one moment.</summary>
    public IReadOnlyList<Document> Get(IReadOnlyCollection<RecordKey> keys, bool includeVectors = false)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var found = new List<Document>(keys.Count);
        using var guard = _engine.Timeline.Enter();
        foreach (var key in keys)
        {
            var ordinal = _engine.Keys.Find(guard.Moment, key, _engine.Preparer.Encode(key));
            if (ordinal >= 0)
                found.Add(_engine.Records.Read(ordinal, includeVectors));
        }

        return found;
    }

    /// <summary>Whether a record of the key exists.</summary>
    public bool Contains(RecordKey key)
    {
        var encoded = _engine.Preparer.Encode(key);
        using var guard = _engine.Timeline.Enter();
        return _engine.Keys.Find(guard.Moment, key, encoded) >= 0;
    }

    /// <summary>All keys, in no particular order. Each enumeration sees the moment in which it begins.</summary>
    /// <exception cref="SearchDatabaseException">While enumerating: <see cref="SearchDatabaseError.SnapshotTooOld"/>.</exception>
    public IEnumerable<RecordKey> ListKeys()
    {
        _engine.ThrowIfClosed();
        return _engine.Queries.ListKeys();
    }

    /// <summary>A value set by <see cref="WriteBatch.SetMetadata"/>; null where there is none.</summary>
    public string? GetMetadata(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        using var guard = _engine.Timeline.Enter();
        return _engine.Metadata.Get(guard.Moment, name);
    }

    /// <summary>
    /// All metadata whose name starts with the prefix, of one moment, in no particular order. Reads the whole store: meant for hundreds of
    /// reads a session, not per request.
    /// </summary>
    public IEnumerable<KeyValuePair<string, string>> ListMetadata(string prefix = "")
    {
        using var guard = _engine.Timeline.Enter();
        return _engine.Metadata.List(guard.Moment, prefix);
    }

    /// <summary>
    /// Records by filter, unranked; reads as it is enumerated. With a sort order the matching records are read first. Each enumeration sees
    /// the moment in which it begins.
    /// </summary>
    /// <exception cref="ArgumentException">The query does not fit the schema.</exception>
    /// <exception cref="SearchDatabaseException">While enumerating: <see cref="SearchDatabaseError.SnapshotTooOld"/>.</exception>
    public IEnumerable<Document> Query(RecordQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        _engine.ThrowIfClosed();
        return _engine.Queries.Run(query, _engine.Queries.Bind(query), cancellationToken);
    }

    /// <summary>How many records match.</summary>
    public long CountWhere(DocumentFilter filter) => _engine.Queries.Count(FilterBinder.Bind(Schema, filter), CancellationToken.None);

    /// <summary>Searches; hits best first. An empty list where nothing is found.</summary>
    /// <exception cref="ArgumentException">The request does not fit the schema; the message names the field.</exception>
    /// <exception cref="SearchDatabaseException">A text query and no embedding generator.</exception>
    public async Task<IReadOnlyList<SearchHit>> SearchAsync(SearchRequest request, CancellationToken cancellationToken = default) =>
        (await FindAsync(request, cancellationToken).ConfigureAwait(false)).Hits;

    /// <summary>Searches; the hits with what else was asked for (facets, totals) and what is to be said (a corrected spelling).</summary>
    /// <exception cref="ArgumentException">The request does not fit the schema; the message names the field.</exception>
    /// <exception cref="SearchDatabaseException">A text query and no embedding generator.</exception>
    public async Task<SearchResults> FindAsync(SearchRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        _engine.ThrowIfClosed();
        try
        {
            return await SearchDiagnostics
                .ObserveAsync(
                    "search",
                    Name,
                    () => _engine.Searcher.SearchAsync(SearchPlan.Make(Schema, request, _engine.Embedder.VectorWeight), cancellationToken),
                    results => results.Hits.Count
                )
                .ConfigureAwait(false);
        }
        catch (Exception e) when (CollectionErrors.IsUnreadable(e))
        {
            throw _engine.Errors.Unreadable(e);
        }
    }

    /// <summary>
    /// Ways to go on with a text whose last word is not finished, from the words of the collection: the most frequent first, among records
    /// that have the words before it. Empty behind a space, and in collections of an analyzer before the second version.
    /// </summary>
    /// <param name="text">What has been typed.</param>
    /// <param name="top">Most suggestions, 1 to 50.</param>
    public IReadOnlyList<Suggestion> Suggest(string text, int top = 8)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (top is < 1 or > Lexical.LexicalIndex.MaxSuggestions)
            throw new ArgumentException($"{top} suggestions: 1 to {Lexical.LexicalIndex.MaxSuggestions} can be asked for.");
        _engine.ThrowIfClosed();
        try
        {
            return _engine.Corrector.Complete(text, top);
        }
        catch (Exception e) when (CollectionErrors.IsUnreadable(e))
        {
            throw _engine.Errors.Unreadable(e);
        }
    }

    /// <summary>Brings every view to one log address on disk and truncates the log; readers and writers go on.</summary>
    /// <exception cref="SearchDatabaseException">The disk refused; the previous checkpoint and the log still hold everything.</exception>
    public Task CheckpointAsync(CancellationToken cancellationToken = default)
    {
        _engine.ThrowIfNotWritable();
        return _engine.Errors.GuardAsync(() => _engine.Checkpointer.RunAsync(cancellationToken));
    }

    /// <summary>
    /// Gives the space of updates and deletes back and repairs graphs around deleted records; ends with a checkpoint. Readers and writers
    /// go on, but for the moment in which the nodes of each vector index are laid out anew in memory.
    /// </summary>
    /// <exception cref="SearchDatabaseException">The disk refused; nothing is lost.</exception>
    public Task CompactAsync(CancellationToken cancellationToken = default)
    {
        _engine.ThrowIfNotWritable();
        return _engine.Errors.GuardAsync(() => _engine.Housekeeper.CompactAsync(cancellationToken));
    }

    /// <summary>
    /// Copies the collection as it is now into a folder that does not exist yet. Searches and writes go on: a checkpoint is taken and its
    /// files, which are never written again, are copied with the part of the write log behind it; checkpoints and compaction wait. Open
    /// the folder read-only, or put it back with <see cref="SearchDatabase.RestoreCollectionAsync"/>. Everything acknowledged before the
    /// call is in it, and whole batches of what was written meanwhile.
    /// </summary>
    /// <param name="directory">The snapshot's folder.</param>
    /// <param name="progress">Told what is copied next.</param>
    /// <param name="cancellationToken">Ends the copy and removes it.</param>
    /// <exception cref="SearchDatabaseException">The disk refused, or a file is damaged; what was copied is removed. A killed process
    /// leaves a folder without a schema file, which is no snapshot.</exception>
    /// <exception cref="ArgumentException">The folder exists.</exception>
    public async Task CreateSnapshotAsync(
        string directory,
        IProgress<string>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        _engine.ThrowIfNotWritable();
        var target = Path.GetFullPath(directory);
        SnapshotWriter.ThrowIfThere(target);
        await _engine.Errors.GuardAsync(() => _engine.Snapshots.WriteAsync(target, progress, cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>
    /// Checks every view against every other: records, key map, vectors, graphs, keyword index, manifest and log. Reads everything
    /// once; searches go on, writes wait until it is done. Changes nothing.
    /// </summary>
    public Task<VerificationReport> VerifyAsync(IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        _engine.ThrowIfClosed();
        return _engine.Verifier.RunAsync(progress, cancellationToken);
    }

    /// <summary>As <see cref="CollectionEngine.CloseAsync"/>.</summary>
    internal ValueTask CloseAsync(bool checkpoint) => _engine.CloseAsync(checkpoint);
}
