using SearchEngine.Distributed.Routing;

namespace SearchEngine.Distributed.Replication;

/// <summary>A replica while it is open: its database, its collection and what answers with it.</summary>
internal sealed record OpenReplica(SearchDatabase Database, SearchCollection Collection, IShardReplica Replica) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        switch (Replica)
        {
            case IAsyncDisposable disposable:
                await disposable.DisposeAsync().ConfigureAwait(false);
                break;
            case IDisposable disposable:
                disposable.Dispose();
                break;
        }

        await Database.DisposeAsync().ConfigureAwait(false);
    }
}
