using SearchEngine.Distributed.Routing.Wire;
using SearchEngine.Lexical;
using SearchEngine.Sharding;
using static SearchEngine.Distributed.Routing.Wire.ShardCalls;

namespace SearchEngine.Distributed.Routing.Asking;

/// <summary>
/// A shard as one search asks it: any replica that has the position, and for the records of candidates the one that found them. For one
/// search.
/// </summary>
internal sealed class RoutedShard(ShardCaller caller, long minimumPosition) : ISearchShard
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<long, IShardTransport> _found = new();

    public Task<ShardTerms> GetTermStatisticsAsync(ShardQuery query, CancellationToken cancellationToken = default) =>
        AskAsync<ShardTerms>(Terms, query, cancellationToken);

    public Task<IReadOnlyList<IReadOnlyList<LexicalWordCount>>> GetNeighborsAsync(
        IReadOnlyList<string> words,
        CancellationToken cancellationToken = default
    ) => AskAsync<IReadOnlyList<IReadOnlyList<LexicalWordCount>>>(Neighbors, words, cancellationToken);

    public Task<LexicalCompletions?> GetCompletionsAsync(string text, int limit, CancellationToken cancellationToken = default) =>
        AskAsync<LexicalCompletions?>(Completions, new CompletionsCall(text, limit), cancellationToken);

    public Task<ShardTogether> CountTogetherAsync(
        IReadOnlyList<string> words,
        IReadOnlyList<string> others,
        CancellationToken cancellationToken = default
    ) => AskAsync<ShardTogether>(Together, new TogetherCall(words, others), cancellationToken);

    public async Task<ShardCandidates> FindCandidatesAsync(ShardSearch search, CancellationToken cancellationToken = default)
    {
        var (found, replica) = await caller
            .AskAsync<ShardCandidates>(Candidates, search, minimumPosition, cancellationToken)
            .ConfigureAwait(false);
        _found[found.Moment] = replica;
        return found;
    }

    public Task<IReadOnlyList<ShardRecord>> ReadAsync(ShardRead read, CancellationToken cancellationToken = default) =>
        caller.AskAsync<IReadOnlyList<ShardRecord>>(_found[read.Moment], Read, read, cancellationToken);

    private async Task<T> AskAsync<T>(string operation, object call, CancellationToken cancellationToken) =>
        (await caller.AskAsync<T>(operation, call, minimumPosition, cancellationToken).ConfigureAwait(false)).Answer;
}
