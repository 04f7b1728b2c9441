using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Routing.Asking;
using SearchEngine.Distributed.Routing.Reading;
using SearchEngine.Distributed.Routing.Serving;
using SearchEngine.Distributed.Routing.Wire;
using SearchEngine.Sharding;
using static SearchEngine.Distributed.Routing.Wire.ShardCalls;

namespace SearchEngine.Distributed.Routing;

/// <summary>
/// A collection that lies in shards on several machines, as one: writes go through the shared log, searches to replicas of all shards.
/// Results are those of a collection in one piece (docs/scale.md says where they may differ). Thread-safe.
/// </summary>
/// <remarks>
/// A write is acknowledged when its entries are durable in the log and a serving replica of each shard has applied them; every read that
/// starts afterwards sees it (<see cref="ReadConsistency"/>). A read sees one moment of each shard; those of different shards are not one.
/// </remarks>
public sealed class DistributedCollection : IVerifiableCollection
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
        var keyed = new Document(AnyKey())
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

    /// <inheritdoc />
    public async Task<Document?> GetAsync(RecordKey key, bool includeVectors = false, CancellationToken cancellationToken = default)
    {
        var found = await GetAsync([key], includeVectors, cancellationToken).ConfigureAwait(false);
        return found.Count == 0 ? null : found[0];
    }

    /// <summary>The records of the keys that exist, in the order of the keys, those of one shard of one moment.</summary>
    public async Task<IReadOnlyList<Document>> GetAsync(
        IReadOnlyCollection<RecordKey> keys,
        bool includeVectors = false,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(keys);
        var parts = await Task.WhenAll(
                keys.Distinct()
                    .GroupBy(key => key.PartitionOf(_shared.Shards))
                    .Select(group =>
                        AskAsync<IReadOnlyList<Document>>(group.Key, Get, new GetCall([.. group], includeVectors), cancellationToken)
                    )
            )
            .ConfigureAwait(false);
        var found = parts.SelectMany(documents => documents).ToDictionary(document => document.Key);
        return [.. keys.Where(found.ContainsKey).Select(key => found[key])];
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<Document> QueryAsync(
        RecordQuery query,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(query);
        var view = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = view.ConfigureAwait(false);
        await foreach (var document in view.QueryAsync(query, cancellationToken).ConfigureAwait(false))
            yield return document;
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<RecordKey> ListKeysAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        foreach (var caller in _callers)
        {
            var cursor = await ShardCursor
                .OpenAsync(
                    caller,
                    null,
                    await _positions.MinimumAsync(caller.Shard, cancellationToken).ConfigureAwait(false),
                    cancellationToken
                )
                .ConfigureAwait(false);
            await using var closing = cursor.ConfigureAwait(false);
            await foreach (var page in cursor.PagesAsync(cancellationToken).ConfigureAwait(false))
            {
                foreach (var key in page.Keys)
                    yield return key;
            }
        }
    }

    /// <inheritdoc />
    public async Task<long> CountAsync(DocumentFilter? filter = null, CancellationToken cancellationToken = default)
    {
        if (filter is not null)
            _readiness.Check(filter);
        return (await AskAllAsync<long>(Count, new CountCall(filter, null), cancellationToken).ConfigureAwait(false)).Sum();
    }

    /// <inheritdoc />
    public async Task<string?> GetMetadataAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (ReplicaMetadata.IsOwn(name))
            return null;
        var found = await AskAsync<Dictionary<string, string>>(
                RecordKey.From(name).PartitionOf(_shared.Shards),
                ShardCalls.Metadata,
                new MetadataCall(name, null, null),
                cancellationToken
            )
            .ConfigureAwait(false);
        return found.GetValueOrDefault(name);
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<KeyValuePair<string, string>> ListMetadataAsync(
        string prefix = "",
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        var parts = await AskAllAsync<Dictionary<string, string>>(
                ShardCalls.Metadata,
                new MetadataCall(null, prefix, null),
                cancellationToken
            )
            .ConfigureAwait(false);
        foreach (var entry in parts.SelectMany(part => part))
            yield return entry;
    }

    /// <summary>Opens a view: several reads of one moment of each shard. Dispose it.</summary>
    public async Task<ICollectionView> OpenViewAsync(CancellationToken cancellationToken = default) =>
        await OpenAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Counts and the schema; sizes and the oldest checkpoint are those of one replica of each shard.</summary>
    public async Task<CollectionInfo> GetInfoAsync(CancellationToken cancellationToken = default)
    {
        var parts = await AskAllAsync<ShardInfo>(Info, null, cancellationToken).ConfigureAwait(false);
        return new CollectionInfo(
            Schema,
            parts.Sum(part => part.Count),
            parts.Sum(part => part.DiskBytes),
            parts.Sum(part => part.LogBytes),
            parts.Sum(part => part.MemoryBytes),
            Array.Exists(parts, part => part.LastCheckpoint is null) ? null : parts.Min(part => part.LastCheckpoint)
        );
    }

    /// <summary>What is wrong with one replica of each shard, each view of it held against the others.</summary>
    public async Task<VerificationReport> VerifyAsync(IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        progress?.Report($"{_shared.Shards} shards");
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var parts = await Task.WhenAll(
                _callers.Select(async caller =>
                    (
                        await caller
                            .AskAsync<VerificationReport>(
                                Verify,
                                null,
                                await _positions.MinimumAsync(caller.Shard, cancellationToken).ConfigureAwait(false),
                                cancellationToken,
                                Timeout.InfiniteTimeSpan
                            )
                            .ConfigureAwait(false)
                    ).Answer
                )
            )
            .ConfigureAwait(false);
        return new VerificationReport(
            Name,
            [.. parts.SelectMany((part, shard) => part.Problems.Select(problem => $"shard {shard}: {problem}"))],
            parts.Sum(part => part.Records),
            [.. parts.SelectMany((part, shard) => part.Checks.Select(check => $"shard {shard}: {check}"))],
            watch.Elapsed
        );
    }

    private async Task<DistributedView> OpenAsync(CancellationToken cancellationToken) =>
        await DistributedView
            .OpenAsync(Schema, _callers, await _positions.MinimumsAsync(cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);

    private async Task<IReadOnlyList<ISearchShard>> ShardsAsync(CancellationToken cancellationToken)
    {
        var minimums = await _positions.MinimumsAsync(cancellationToken).ConfigureAwait(false);
        return [.. _callers.Select(caller => new RoutedShard(caller, minimums[caller.Shard]))];
    }

    private async Task<T> AskAsync<T>(int shard, string operation, object? call, CancellationToken cancellationToken)
    {
        var minimum = await _positions.MinimumAsync(shard, cancellationToken).ConfigureAwait(false);
        return (await _callers[shard].AskAsync<T>(operation, call, minimum, cancellationToken).ConfigureAwait(false)).Answer;
    }

    private Task<T[]> AskAllAsync<T>(string operation, object? call, CancellationToken cancellationToken) =>
        Task.WhenAll(_callers.Select(caller => AskAsync<T>(caller.Shard, operation, call, cancellationToken)));

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

    private RecordKey AnyKey() =>
        Schema.KeyKind switch
        {
            RecordKeyKind.Guid => Guid.Empty,
            RecordKeyKind.Int32 => 0,
            RecordKeyKind.Int64 => 0L,
            _ => "any",
        };
}
