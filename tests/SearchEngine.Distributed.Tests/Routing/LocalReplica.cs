using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Routing;
using SearchEngine.Distributed.Routing.Serving;
using SearchEngine.TestSupport;

namespace SearchEngine.Distributed.Tests.Routing;

/// <summary>A replica of this process that follows its shard's log, and the way to it, which can be cut or silent.</summary>
internal sealed class LocalReplica : IShardTransport, IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(5);

    private readonly TemporaryDirectory _directory = new();
    private CancellationTokenSource _closing = new();
    private readonly ISharedLog _log;
    private readonly LogShard _shard;
    private SearchDatabase _database = null!;
    private Task _following = Task.CompletedTask;

    private LocalReplica(ISharedLog log, LogShard shard, string name) => (_log, _shard, Name) = (log, shard, name);

    public string Name { get; }

    /// <summary>Whether calls do not arrive.</summary>
    public bool IsCut { get; set; }

    /// <summary>Whether it does not follow the log for the time being.</summary>
    public bool IsStopped { get; set; }

    /// <summary>Whether calls arrive and are never answered.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Calls answered.</summary>
    public int Calls => _calls;

    private int _calls;

    public ShardReplica Replica { get; private set; } = null!;

    public SearchCollection Collection { get; private set; } = null!;

    public static async Task<LocalReplica> StartAsync(ISharedLog log, SharedCollection collection, int shard, string name)
    {
        var made = new LocalReplica(log, collection.LogOf(shard), name);
        await made.OpenAsync(collection.Schema);
        return made;
    }

    /// <summary>Closes the collection and opens it again, as after a restart.</summary>
    public async Task RestartAsync(CollectionSchema schema)
    {
        await CloseAsync();
        _closing.Dispose();
        _closing = new CancellationTokenSource();
        await OpenAsync(schema);
    }

    public async Task<ReadOnlyMemory<byte>> CallAsync(
        string operation,
        long minimumPosition,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken
    )
    {
        if (IsCut)
            throw new ShardUnreachableException($"{Name} is cut off.");
        if (IsSilent)
            await Task.Delay(Timeout.Infinite, cancellationToken);
        var reply = await Replica.CallAsync(operation, minimumPosition, body, cancellationToken);
        Interlocked.Increment(ref _calls);
        return reply;
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _closing.Dispose();
        _directory.Dispose();
    }

    private async Task OpenAsync(CollectionSchema schema)
    {
        _database = await SearchDatabase.OpenAsync(LocalCollection.Options(_directory));
        Collection = await _database.GetOrCreateCollectionAsync(schema);
        Replica = await ShardReplica.OpenAsync(Collection);
        var token = _closing.Token;
        _following = Task.Run(() => FollowAsync(token), CancellationToken.None);
    }

    private async Task CloseAsync()
    {
        await _closing.CancelAsync();
        await _following;
        await Replica.DisposeAsync();
        await _database.DisposeAsync();
    }

    private async Task FollowAsync(CancellationToken token)
    {
        while (!token.IsCancellationRequested)
        {
            try
            {
                var entries = IsStopped ? [] : await _log.ReadAsync(_shard, Replica.Cursor, cancellationToken: token);
                foreach (var entry in entries)
                    await Replica.ApplyAsync(entry, token);
                if (entries.Count == 0)
                    await Task.Delay(Poll, token);
            }
            catch (OperationCanceledException) when (token.IsCancellationRequested)
            {
                return;
            }
        }
    }
}
