using Npgsql;
using SearchEngine.Distributed.Postgres;
using static SearchEngine.Distributed.Postgres.PostgresStatements;

namespace SearchEngine.Distributed.Log;

/// <summary>
/// Carries out appends: what has queued up for a shard while others were on their way to it goes in one transaction. Shards do not wait for
/// each other. One that is refused does not take the others with it: they are then carried out one by one. Thread-safe.
/// </summary>
internal sealed class AppendQueue(PostgresDatabase database) : IAsyncDisposable
{
    /// <summary>Appends that may wait; more make appenders wait.</summary>
    private const int Capacity = 1024;

    /// <summary>Entries and bytes of one transaction, but for an append that is larger by itself.</summary>
    private const int GroupEntries = 512;
    private const long GroupBytes = 16L << 20;

    /// <summary>Transactions at a time, each with a connection.</summary>
    private const int MostRunning = 16;

    /// <summary>The state with which <c>searchengine.append</c> says that a shard is not there.</summary>
    private const string NoSuchShard = "SE001";

    private readonly Lock _lock = new();
    private readonly LinkedList<PendingAppend> _waiting = new();
    private readonly HashSet<LogShard> _busy = [];
    private readonly HashSet<Task> _running = [];
    private readonly SemaphoreSlim _room = new(Capacity, Capacity);
    private readonly CancellationTokenSource _closing = new();
    private bool _closed;

    /// <summary>Appends, and waits until it is durable. What is on its way is not cancelled: the appender stops waiting.</summary>
    /// <exception cref="SharedLogException">See <see cref="ISharedLog.AppendManyAsync"/>.</exception>
    public async Task<IReadOnlyList<long>> AppendAsync(IReadOnlyList<LogAppend> entries, long bytes, CancellationToken cancellationToken)
    {
        var pending = new PendingAppend(entries, bytes);
        await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(PostgresLog));
            _waiting.AddLast(pending);
            Dispatch();
        }

        return await pending.Completion.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Refuses further appends, and waits for those that were taken, for as long as a failover may take.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_closed)
                return;
            _closed = true;
        }

        _closing.CancelAfter(database.Options.RetryFor);
        while (true)
        {
            Task[] running;
            lock (_lock)
                running = [.. _running];
            if (running.Length == 0)
                break;
            await Task.WhenAll(running).ConfigureAwait(false);
        }

        _closing.Dispose();
    }

    /// <summary>Starts what can start. Under the lock.</summary>
    private void Dispatch()
    {
        while (_running.Count < MostRunning && Take() is { Count: > 0 } group)
        {
            var shards = ShardsOf(group);
            _busy.UnionWith(shards);
            var running = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _running.Add(running.Task);
            _ = Task.Run(async () =>
            {
                await CarryOutAsync(group).ConfigureAwait(false);
                _room.Release(group.Count);
                lock (_lock)
                {
                    _busy.ExceptWith(shards);
                    _running.Remove(running.Task);
                    Dispatch();
                }

                running.SetResult();
            });
        }
    }

    /// <summary>
    /// The next appends that go together: the first whose shards are free, and those behind it that are for the same shards. None overtakes
    /// another one for the same shard.
    /// </summary>
    private List<PendingAppend> Take()
    {
        var group = new List<PendingAppend>();
        var mine = new HashSet<LogShard>();
        var passed = new HashSet<LogShard>(_busy);
        var (entries, bytes) = (0, 0L);
        for (var node = _waiting.First; node is not null && entries < GroupEntries && bytes < GroupBytes; )
        {
            var next = node.Next;
            var pending = node.Value;
            var fits = group.Count == 0 || pending.Entries.All(entry => mine.Contains(entry.Shard));
            if (fits && !pending.Entries.Any(entry => passed.Contains(entry.Shard)))
            {
                mine.UnionWith(pending.Entries.Select(entry => entry.Shard));
                group.Add(pending);
                _waiting.Remove(node);
                (entries, bytes) = (entries + pending.Entries.Count, bytes + pending.Bytes);
            }
            else
            {
                passed.UnionWith(pending.Entries.Select(entry => entry.Shard));
            }

            node = next;
        }

        return group;
    }

    private static HashSet<LogShard> ShardsOf(List<PendingAppend> group) =>
        [.. group.SelectMany(pending => pending.Entries).Select(entry => entry.Shard)];

    private async Task CarryOutAsync(List<PendingAppend> group)
    {
        try
        {
            var positions = await AppendAsync([.. group.SelectMany(pending => pending.Entries)]).ConfigureAwait(false);
            var next = 0;
            foreach (var pending in group)
            {
                pending.Completion.TrySetResult(positions.GetRange(next, pending.Entries.Count));
                next += pending.Entries.Count;
            }
        }
        catch (SharedLogException e) when (group.Count > 1 && (e.Error is SharedLogError.CollectionNotFound or SharedLogError.Refused))
        {
            foreach (var pending in group)
                await CarryOutAsync([pending]).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            foreach (var pending in group)
                pending.Completion.TrySetException(e);
        }
    }

    private async Task<List<long>> AppendAsync(LogAppend[] entries)
    {
        try
        {
            return await database
                .ListAsync(
                    "select \"position\" from searchengine.append($1, $2, $3, $4)",
                    reader => reader.GetInt64(0),
                    _closing.Token,
                    Of(Array.ConvertAll(entries, entry => entry.Shard.Collection)),
                    Of(Array.ConvertAll(entries, entry => entry.Shard.Shard)),
                    Of(Array.ConvertAll(entries, entry => entry.Id)),
                    Of(Array.ConvertAll(entries, entry => entry.Body.ToArray()))
                )
                .ConfigureAwait(false);
        }
        catch (SharedLogException e) when (e.InnerException is PostgresException { SqlState: NoSuchShard } refusal)
        {
            throw PostgresLog.NotFound(refusal.MessageText.Replace("no shard ", "", StringComparison.Ordinal));
        }
    }
}
