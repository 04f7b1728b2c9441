using System.Diagnostics;
using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Routing.Wire;

namespace SearchEngine.Distributed.Routing.Asking;

/// <summary>
/// Appends entries and waits until a serving replica has applied them. What it does twice it does under the same ids: an entry happens once.
/// Thread-safe.
/// </summary>
internal sealed class LogWriter(
    SharedCollection collection,
    ISharedLog log,
    IReadOnlyList<ShardCaller> callers,
    ShardPositions positions,
    RouterOptions options
)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Writes entries, one for each shard.</summary>
    /// <param name="entries">The entries by shard.</param>
    /// <param name="together">Whether they become durable together.</param>
    /// <param name="cancellationToken">Ends the waiting; what was appended is applied all the same.</param>
    /// <returns>What each came to.</returns>
    /// <exception cref="SearchDatabaseException">An entry was refused; or it is not known what became of it, then the message says
    /// so.</exception>
    public async Task<IReadOnlyList<ShardOutcome>> WriteAsync(
        IReadOnlyList<(int Shard, ShardEntry Entry)> entries,
        bool together,
        CancellationToken cancellationToken
    )
    {
        LogAppend[] appends =
        [
            .. entries.Select(entry => new LogAppend(
                collection.LogOf(entry.Shard),
                Guid.CreateVersion7(),
                entry.Entry.Write(collection.Schema)
            )),
        ];
        if (together || appends.Length == 1)
        {
            var at = await AppendAsync(appends, cancellationToken).ConfigureAwait(false);
            return await Task.WhenAll(appends.Select((append, i) => OutcomeAsync(append.Shard.Shard, at[i], cancellationToken)))
                .ConfigureAwait(false);
        }

        return await Task.WhenAll(
                appends.Select(async append =>
                {
                    var at = await AppendAsync([append], cancellationToken).ConfigureAwait(false);
                    return await OutcomeAsync(append.Shard.Shard, at[0], cancellationToken).ConfigureAwait(false);
                })
            )
            .ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<long>> AppendAsync(LogAppend[] appends, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return appends is [var only]
                    ? [await log.AppendAsync(only.Shard, only.Id, only.Body, cancellationToken).ConfigureAwait(false)]
                    : await log.AppendManyAsync(appends, cancellationToken).ConfigureAwait(false);
            }
            catch (SharedLogException e) when (e.Error == SharedLogError.Unavailable && watch.Elapsed < options.Timeout)
            {
                // It may have happened: the ids make it harmless to try again.
                await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
            }
            catch (SharedLogException e)
            {
                throw LogFailures.Of(e, collection.Name);
            }
        }
    }

    private async Task<ShardOutcome> OutcomeAsync(int shard, long position, CancellationToken cancellationToken)
    {
        ShardOutcome? outcome;
        try
        {
            (outcome, _) = await callers[shard]
                .AskAsync<ShardOutcome?>(ShardCalls.Outcome, position, position, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (SearchDatabaseException e) when (e.Error == SearchDatabaseError.ShardUnavailable)
        {
            throw Unknown(shard, position, "no replica has applied it yet", e);
        }

        if (outcome is null)
            throw Unknown(shard, position, "so many were applied since that its outcome is not kept any more", null);
        positions.Acknowledge(shard, position);
        return outcome;
    }

    private SearchDatabaseException Unknown(int shard, long position, string why, Exception? inner) =>
        new(
            SearchDatabaseError.ShardUnavailable,
            $"The write to shard {shard} of collection '{collection.Name}' is durable as entry {position} of its log, but {why}: it happens, or was refused, without being sent again. Read before you decide anew.",
            inner
        )
        {
            Collection = collection.Name,
        };
}
