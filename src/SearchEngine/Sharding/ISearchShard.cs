using SearchEngine.Lexical;

namespace SearchEngine.Sharding;

/// <summary>
/// One shard of a collection as <see cref="ShardedSearcher"/> asks it: what depends on all shards (statistics, ranks, relative scores) is
/// decided by the caller, what depends on records alone is done here. <see cref="SearchCollectionSharding.AsShard"/> makes one of a collection in
/// this process. Thread-safe.
/// </summary>
public interface ISearchShard
{
    /// <summary>What scores of a query depend on beside the records, and its words that match nothing here.</summary>
    /// <exception cref="ArgumentException">The query does not fit the schema.</exception>
    Task<ShardTerms> GetTermStatisticsAsync(ShardQuery query, CancellationToken cancellationToken = default);

    /// <summary>For each of some words those of this shard that are near it, in no particular order.</summary>
    Task<IReadOnlyList<IReadOnlyList<LexicalWordCount>>> GetNeighborsAsync(
        IReadOnlyList<string> words,
        CancellationToken cancellationToken = default
    );

    /// <summary>
    /// The candidates of both rankings with their scores, unfused, and the counts that were asked for, all of one moment, which
    /// <see cref="ReadAsync"/> reads of until it is released or forgotten.
    /// </summary>
    /// <exception cref="ArgumentException">The search does not fit the schema.</exception>
    Task<ShardCandidates> FindCandidatesAsync(ShardSearch search, CancellationToken cancellationToken = default);

    /// <summary>Records of candidates, in the order asked for.</summary>
    /// <exception cref="SearchDatabaseException"><see cref="SearchDatabaseError.SnapshotTooOld"/> where the moment is not known (any more):
    /// search again.</exception>
    Task<IReadOnlyList<ShardRecord>> ReadAsync(ShardRead read, CancellationToken cancellationToken = default);

    /// <summary>What the last word of a text may become; null where there is nothing to complete.</summary>
    Task<LexicalCompletions?> GetCompletionsAsync(string text, int limit, CancellationToken cancellationToken = default);

    /// <summary>How many records hold all of some words, and in how many of those each of others is.</summary>
    Task<ShardTogether> CountTogetherAsync(
        IReadOnlyList<string> words,
        IReadOnlyList<string> others,
        CancellationToken cancellationToken = default
    );
}
