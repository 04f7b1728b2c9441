using SearchEngine.Distributed.Log;

namespace SearchEngine.Distributed.Snapshots;

/// <summary>
/// Keeps snapshots of shards, so that a new replica need not read a log from its beginning, and the log can be trimmed. What is kept is
/// whole: a snapshot whose keeper died in the middle is none. Thread-safe, and for any number of programs at a time.
/// </summary>
public interface ISnapshotStore
{
    /// <summary>Keeps the files of a folder as a snapshot of a shard.</summary>
    /// <param name="shard">Which shard.</param>
    /// <param name="cursor">What it holds of the log at least.</param>
    /// <param name="folder">A folder of <see cref="SearchCollection.CreateSnapshotAsync"/>.</param>
    /// <param name="cancellationToken">Gives up; nothing is kept.</param>
    /// <exception cref="SharedLogException">The store cannot be reached, or refuses.</exception>
    /// <exception cref="IOException">A file cannot be read, or the store's folder not be written.</exception>
    Task<ShardSnapshot> SaveAsync(LogShard shard, LogCursor cursor, string folder, CancellationToken cancellationToken = default);

    /// <summary>The snapshots of a shard, newest first.</summary>
    Task<IReadOnlyList<ShardSnapshot>> ListAsync(LogShard shard, CancellationToken cancellationToken = default);

    /// <summary>Puts a snapshot's files into a folder that is not there yet; where it fails, nothing is left of it.</summary>
    /// <exception cref="FileNotFoundException">The snapshot is not kept any more: take a newer one.</exception>
    /// <exception cref="IOException">The folder is there, or cannot be written.</exception>
    Task LoadAsync(ShardSnapshot snapshot, string folder, CancellationToken cancellationToken = default);

    /// <summary>Forgets a snapshot; nothing happens where it is not there. Who is loading it fails.</summary>
    Task RemoveAsync(ShardSnapshot snapshot, CancellationToken cancellationToken = default);

    /// <summary>Forgets all snapshots of a collection, and what keepers that died have left of any.</summary>
    Task RemoveAllAsync(Guid collection, CancellationToken cancellationToken = default);
}
