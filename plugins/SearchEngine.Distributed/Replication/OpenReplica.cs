using SearchEngine.Distributed.Routing;

namespace SearchEngine.Distributed.Replication;

/// <summary>A replica while it is open: its database, its collection and what answers with it.</summary>
internal sealed record OpenReplica(SearchDatabase Database, SearchCollection Collection, IShardReplica Replica) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        await Replica.DisposeAsync().ConfigureAwait(false);
        await Database.DisposeAsync().ConfigureAwait(false);
    }
}
