using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Routing;
using SearchEngine.Distributed.Snapshots;

namespace SearchEngine.Distributed.Replication;

/// <summary>
/// Opens a replica: what lies on the disk, or the newest snapshot, or an empty collection where the log is there from its beginning.
/// </summary>
internal sealed class ReplicaOpener(
    SharedCollection shared,
    LogShard shard,
    ReplicaFolder folder,
    ReplicaOptions options,
    ISharedLog log,
    ISnapshotStore snapshots,
    ReplicaFactory factory
)
{
    /// <exception cref="SharedLogException">The log cannot be reached, or is no longer there.</exception>
    /// <exception cref="SearchDatabaseException">What is on the disk cannot be opened.</exception>
    public async Task<OpenReplica> OpenAsync(CancellationToken cancellationToken)
    {
        var database = await SearchDatabase
            .OpenAsync(options.Database with { Directory = folder.Database }, cancellationToken)
            .ConfigureAwait(false);
        try
        {
            var collection = database.CollectionExists(shared.Name)
                ? await database.GetCollectionAsync(shared.Name, cancellationToken).ConfigureAwait(false)
                : await MakeAsync(database, cancellationToken).ConfigureAwait(false);
            var replica = await factory(collection, cancellationToken).ConfigureAwait(false);
            return new OpenReplica(database, collection, replica);
        }
        catch
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// The newest snapshot; where there is none, an empty collection. A snapshot that is removed while it is loaded was not the newest any
    /// more: the next one is taken.
    /// </summary>
    private async Task<SearchCollection> MakeAsync(SearchDatabase database, CancellationToken cancellationToken)
    {
        while (true)
        {
            var kept = await snapshots.ListAsync(shard, cancellationToken).ConfigureAwait(false);
            if (kept.Count == 0)
                return await database.CreateCollectionAsync(shared.Schema, cancellationToken).ConfigureAwait(false);
            var loaded = folder.NewLoading();
            try
            {
                await snapshots.LoadAsync(kept[0], loaded, cancellationToken).ConfigureAwait(false);
                return await database.RestoreCollectionAsync(loaded, cancellationToken).ConfigureAwait(false);
            }
            catch (FileNotFoundException)
            {
                // Newer ones have taken its place.
                await log.GetBoundsAsync(shard, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                if (Directory.Exists(loaded))
                    Directory.Delete(loaded, recursive: true);
            }
        }
    }
}
