using System.Diagnostics;
using System.Runtime.CompilerServices;
using SearchEngine.Distributed.Routing.Checking;
using SearchEngine.Distributed.Routing.Reading;
using SearchEngine.Distributed.Routing.Serving;
using SearchEngine.Distributed.Routing.Wire;
using static SearchEngine.Distributed.Routing.Wire.ShardCalls;

namespace SearchEngine.Distributed.Routing;

/// <content>Reads without ranking.</content>
public sealed partial class DistributedCollection
{
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
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(query);
        var view = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = view.ConfigureAwait(false);
        await foreach (var document in view.QueryAsync(query, cancellationToken).ConfigureAwait(false))
            yield return document;
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<RecordKey> ListKeysAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
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
        [EnumeratorCancellation] CancellationToken cancellationToken = default
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

    /// <summary>
    /// What is wrong with any replica of any shard: each view of it held against the others, and the replicas of a shard against each other
    /// by a hash of their contents. Replicas that are written to all the while are not compared, which the checks say.
    /// </summary>
    /// <returns>The records are those of one replica of each shard.</returns>
    public async Task<VerificationReport> VerifyAsync(IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        var watch = Stopwatch.StartNew();
        var shards = await VerifyShardsAsync(progress, cancellationToken).ConfigureAwait(false);
        return new VerificationReport(
            Name,
            [.. shards.SelectMany(shard => shard.Problems)],
            shards.Sum(shard => shard.Replicas.FirstOrDefault(replica => replica.Found is not null)?.Found!.Records ?? 0),
            [.. shards.SelectMany(shard => shard.Checks)],
            watch.Elapsed
        );
    }

    /// <summary>The same by shard and replica: one shard after the other, all replicas of a shard at the same time.</summary>
    /// <exception cref="SearchDatabaseException">The log cannot be asked, or the collection is gone.</exception>
    public async Task<IReadOnlyList<ShardVerification>> VerifyShardsAsync(
        IProgress<string>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        var found = new List<ShardVerification>();
        foreach (var caller in _callers)
        {
            progress?.Report($"shard {caller.Shard} of {_shared.Shards}");
            found.Add(await new ShardVerifier(caller, _positions).VerifyAsync(cancellationToken).ConfigureAwait(false));
        }

        return found;
    }

    private async Task<DistributedView> OpenAsync(CancellationToken cancellationToken) =>
        await DistributedView
            .OpenAsync(Schema, _callers, await _positions.MinimumsAsync(cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);

    private async Task<T> AskAsync<T>(int shard, string operation, object? call, CancellationToken cancellationToken)
    {
        var minimum = await _positions.MinimumAsync(shard, cancellationToken).ConfigureAwait(false);
        return (await _callers[shard].AskAsync<T>(operation, call, minimum, cancellationToken).ConfigureAwait(false)).Answer;
    }

    private async Task<T[]> AskAllAsync<T>(string operation, object? call, CancellationToken cancellationToken)
    {
        var minimums = await _positions.MinimumsAsync(cancellationToken).ConfigureAwait(false);
        var answers = await Task.WhenAll(
                _callers.Select(caller => caller.AskAsync<T>(operation, call, minimums[caller.Shard], cancellationToken))
            )
            .ConfigureAwait(false);
        return Array.ConvertAll(answers, answer => answer.Answer);
    }
}
