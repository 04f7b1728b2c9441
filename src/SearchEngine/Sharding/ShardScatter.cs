namespace SearchEngine.Sharding;

/// <summary>
/// Asks all shards at the same time. One that cannot be reached is an error, or from then on left out where partial answers are wanted.
/// Used by one search.
/// </summary>
internal sealed class ShardScatter(IReadOnlyList<ISearchShard> shards, bool allowsMissing)
{
    private readonly HashSet<int> _missing = [];

    /// <summary>The shards that are left out, ascending.</summary>
    public IReadOnlyList<int> Missing => [.. _missing.Order()];

    /// <summary>Leaves a shard out from now on; false where it must not be missing.</summary>
    public bool TryLose(int shard) => allowsMissing && _missing.Add(shard);

    /// <summary>The answers, with the number of the shard that gave each, in their order.</summary>
    /// <exception cref="SearchDatabaseException">A shard is missing and must not, or all are.</exception>
    public async Task<IReadOnlyList<(int Shard, T Answer)>> AskAsync<T>(Func<int, ISearchShard, Task<T>> ask)
    {
        var asked = Enumerable.Range(0, shards.Count).Where(shard => !_missing.Contains(shard)).ToArray();
        if (asked.Length == 0 && shards.Count > 0)
            throw new SearchDatabaseException(SearchDatabaseError.ShardUnavailable, "No shard of the collection can be reached.");
        var tasks = Array.ConvertAll(asked, shard => GuardedAsync(ask, shard));
        // Not the first failure alone: nothing of this search runs on when it is over.
        await ((Task)Task.WhenAll(tasks)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var answers = new List<(int, T)>(tasks.Length);
        Exception? lost = null;
        for (var i = 0; i < tasks.Length; i++)
        {
            var (answer, failure) = await tasks[i].ConfigureAwait(false);
            if (failure is null)
            {
                answers.Add((asked[i], answer!));
                continue;
            }

            _missing.Add(asked[i]);
            lost = failure;
        }

        return lost is null || answers.Count > 0 ? answers : throw lost;
    }

    private async Task<(T? Answer, Exception? Failure)> GuardedAsync<T>(Func<int, ISearchShard, Task<T>> ask, int shard)
    {
        try
        {
            return (await ask(shard, shards[shard]).ConfigureAwait(false), null);
        }
        catch (SearchDatabaseException e) when (allowsMissing && e.Error == SearchDatabaseError.ShardUnavailable)
        {
            return (default, e);
        }
    }
}
