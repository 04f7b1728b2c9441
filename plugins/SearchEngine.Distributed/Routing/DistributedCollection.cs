using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Routing.Asking;
using SearchEngine.Distributed.Routing.Serving;
using SearchEngine.Distributed.Routing.Wire;
using SearchEngine.Sharding;

namespace SearchEngine.Distributed.Routing;

/// <summary>
/// A collection that lies in shards on several machines, as one: writes go through the shared log, searches to replicas of all shards.
/// Results are those of a collection in one piece (docs/scale.md says where they may differ). Thread-safe.
/// </summary>
/// <remarks>
/// A write is acknowledged when its entries are durable in the log and a serving replica of each shard has applied them; every read that
/// starts afterwards sees it (<see cref="ReadConsistency"/>). A read sees one moment of each shard; those of different shards are not one.
/// </remarks>
public sealed partial class DistributedCollection : IVerifiableCollection
{
    private readonly SharedCollection _shared;
    private readonly RouterOptions _options;
    private readonly ShardCaller[] _callers;
    private readonly ShardPositions _positions;
    private readonly LogWriter _writer;
    private readonly BatchReadiness _readiness;
    private readonly ShardedSearcher _searcher;

    /// <summary>Makes the router of a collection.</summary>
    /// <param name="shared">The collection.</param>
    /// <param name="map">Where its replicas are.</param>
    /// <param name="log">The shared log.</param>
    /// <param name="options">How it works; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is impossible, or the map is of another number of shards.</exception>
    public DistributedCollection(SharedCollection shared, IShardMap map, ISharedLog log, RouterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(shared);
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(log);
        if (map.Shards != shared.Shards)
            throw new ArgumentException($"Collection '{shared.Name}' has {shared.Shards} shards, the map {map.Shards}.");
        _shared = shared;
        _options = options ?? new RouterOptions();
        _options.Validate();
        var wire = new ShardWire(shared.Schema);
        _callers = [.. Enumerable.Range(0, shared.Shards).Select(shard => new ShardCaller(wire, map, shard, _options))];
        _positions = new ShardPositions(shared, log, _options.Consistency);
        _writer = new LogWriter(shared, log, _callers, _positions, _options);
        _readiness = new BatchReadiness(shared.Schema, _options.Embedder);
        _searcher = new ShardedSearcher(shared.Schema, _options.Embedder, _options.Reranker);
    }

    /// <inheritdoc />
    public string Name => Schema.Name;

    /// <inheritdoc />
    public CollectionSchema Schema => _shared.Schema;

    /// <inheritdoc />
    public async Task<WriteResult> WriteAsync(WriteBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.MetadataNames().FirstOrDefault(ReplicaMetadata.IsOwn) is { } own)
            throw new ArgumentException($"Metadata whose names begin like '{own}' are the replicas' own: choose another name.");
        var ready = await _readiness.MakeAsync(batch, cancellationToken).ConfigureAwait(false);
        var parts = ready.Partition(_shared.Shards);
        if (parts.Count == 0)
            return new WriteResult(0, 0, 0, 0);
        var together = _options.Atomicity == BatchAtomicity.AcrossShards;
        if (together && parts.Count > 1 && ready.HasExpectations())
        {
            throw new ArgumentException(
                $"The batch expects versions of records and lies in {parts.Count} shards of collection '{Name}': each shard would decide for itself, so it could not be applied all or not at all. Write the records one by one, or choose BatchAtomicity.PerShard."
            );
        }
        var outcomes = await _writer
            .WriteAsync([.. parts.Select(part => (part.Key, new ShardEntry(part.Value)))], together, cancellationToken)
            .ConfigureAwait(false);
        return ResultOf(outcomes);
    }

    /// <inheritdoc />
    public Task EmbedDocumentsAsync(WriteBatch batch, CancellationToken cancellationToken = default) =>
        _readiness.EmbedAsync(batch, cancellationToken);

    /// <summary>
    /// Deletes the records that match; returns how many were deleted. One entry of each shard's log, decided by the records as they are when
    /// it is applied, all entries appended together.
    /// </summary>
    /// <exception cref="ArgumentException">The filter does not fit the schema.</exception>
    public async Task<long> DeleteAsync(DocumentFilter filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        _readiness.Check(filter);
        return (await ToAllAsync(new ShardEntry(null, filter), cancellationToken).ConfigureAwait(false)).Deleted;
    }

    /// <summary>Patches the records that match; returns how many were patched. Decided as <see cref="DeleteAsync"/> is.</summary>
    /// <exception cref="ArgumentException">The filter or the changes do not fit the schema.</exception>
    public async Task<long> PatchAsync(DocumentFilter filter, Document changes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(changes);
        _readiness.Check(filter);
        var keyed = new Document(RecordKey.Any(Schema.KeyKind))
        {
            Fields = changes.Fields,
            Vectors = changes.Vectors,
            EmbeddingTexts = changes.EmbeddingTexts,
        };
        var ready = await _readiness.MakeAsync(new WriteBatch().Patch(keyed), cancellationToken).ConfigureAwait(false);
        return (
            await ToAllAsync(new ShardEntry(null, filter, ready.Documents().Single()), cancellationToken).ConfigureAwait(false)
        ).Updated;
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<SearchHit>> SearchAsync(SearchRequest request, CancellationToken cancellationToken = default) =>
        (await FindAsync(request, cancellationToken).ConfigureAwait(false)).Hits;

    /// <inheritdoc />
    public async Task<SearchResults> FindAsync(SearchRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await _searcher
            .FindAsync(request, await ShardsAsync(cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<Suggestion>> SuggestAsync(string text, int top = 8, CancellationToken cancellationToken = default) =>
        await _searcher
            .SuggestAsync(text, top, await ShardsAsync(cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);

    private async Task<IReadOnlyList<ISearchShard>> ShardsAsync(CancellationToken cancellationToken)
    {
        var minimums = await _positions.MinimumsAsync(cancellationToken).ConfigureAwait(false);
        return [.. _callers.Select(caller => new RoutedShard(caller, minimums[caller.Shard]))];
    }

    private async Task<WriteResult> ToAllAsync(ShardEntry entry, CancellationToken cancellationToken) =>
        ResultOf(
            await _writer
                .WriteAsync([.. Enumerable.Range(0, _shared.Shards).Select(shard => (shard, entry))], together: true, cancellationToken)
                .ConfigureAwait(false)
        );

    private WriteResult ResultOf(IReadOnlyList<ShardOutcome> outcomes)
    {
        if (outcomes.FirstOrDefault(outcome => outcome.Refusal is not null) is { Refusal: { } refusal })
            throw refusal.ToException(Name);
        var versions = outcomes.Select(outcome => outcome.Version).Where(version => !version.IsNone).Distinct().ToArray();
        return new WriteResult(outcomes.Sum(o => o.Inserted), outcomes.Sum(o => o.Updated), outcomes.Sum(o => o.Deleted), 0)
        {
            NotFound = outcomes.Sum(o => o.NotFound),
            // Records of several shards have no version in common: a read says which each has.
            Version = versions is [var only] ? only : RecordVersion.None,
        };
    }
}
