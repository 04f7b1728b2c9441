using System.Globalization;
using SearchEngine.Distributed.Log;

namespace SearchEngine.Distributed.Snapshots;

/// <summary>
/// Snapshots in a folder that every silo reaches (a network file system), one file each: <c>COLLECTION/SHARD/POSITION-ENTRY-ID.tar</c>. A file
/// gets its name when it is whole and on the disk. Thread-safe.
/// </summary>
public sealed class FolderSnapshotStore : ISnapshotStore
{
    private const string Extension = ".tar";
    private const string Unfinished = ".unfinished";

    /// <summary>What is older than this and has no name yet was left by a keeper that died.</summary>
    private static readonly TimeSpan KeepersPatience = TimeSpan.FromDays(1);

    private readonly string _folder;

    /// <summary>A store in a folder, which is made if it is not there.</summary>
    public FolderSnapshotStore(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        _folder = Path.GetFullPath(folder);
        Directory.CreateDirectory(_folder);
    }

    /// <inheritdoc />
    public async Task<ShardSnapshot> SaveAsync(
        LogShard shard,
        LogCursor cursor,
        string folder,
        CancellationToken cancellationToken = default
    )
    {
        var id = Guid.NewGuid();
        var target = Path.Combine(
            FolderOf(shard),
            string.Create(CultureInfo.InvariantCulture, $"{cursor.Position:D19}-{cursor.Id:N}-{id:N}{Extension}")
        );
        Directory.CreateDirectory(FolderOf(shard));
        var partial = target + Unfinished;
        try
        {
            var file = new FileStream(partial, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20, useAsync: true);
            await using (file.ConfigureAwait(false))
            {
                await SnapshotArchive.PackAsync(folder, file, cancellationToken).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }

            File.Move(partial, target);
        }
        finally
        {
            File.Delete(partial);
        }

        return Read(shard, new FileInfo(target))!;
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<ShardSnapshot>> ListAsync(LogShard shard, CancellationToken cancellationToken = default)
    {
        var folder = new DirectoryInfo(FolderOf(shard));
        return Task.FromResult<IReadOnlyList<ShardSnapshot>>(
            folder.Exists
                ?
                [
                    .. folder
                        .EnumerateFiles("*" + Extension)
                        .Select(file => Read(shard, file))
                        .OfType<ShardSnapshot>()
                        .OrderByDescending(snapshot => snapshot.Cursor.Position)
                        .ThenByDescending(snapshot => snapshot.Taken),
                ]
                : []
        );
    }

    /// <inheritdoc />
    public async Task LoadAsync(ShardSnapshot snapshot, string folder, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var path = PathOf(snapshot) ?? throw snapshot.Gone();
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 20, useAsync: true);
        await using (file.ConfigureAwait(false))
            await SnapshotArchive.UnpackAsync(file, folder, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public Task RemoveAsync(ShardSnapshot snapshot, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        if (PathOf(snapshot) is { } path)
            File.Delete(path);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task RemoveAllAsync(Guid collection, CancellationToken cancellationToken = default)
    {
        var folder = Path.Combine(_folder, collection.ToString("N"));
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        foreach (var left in new DirectoryInfo(_folder).EnumerateFiles("*" + Unfinished, SearchOption.AllDirectories))
        {
            if (left.LastWriteTimeUtc < DateTime.UtcNow - KeepersPatience)
                left.Delete();
        }

        return Task.CompletedTask;
    }

    private string FolderOf(LogShard shard) =>
        Path.Combine(_folder, shard.Collection.ToString("N"), shard.Shard.ToString(CultureInfo.InvariantCulture));

    private string? PathOf(ShardSnapshot snapshot) =>
        Directory.Exists(FolderOf(snapshot.Shard))
            ? Directory.EnumerateFiles(FolderOf(snapshot.Shard), $"*-{snapshot.Id:N}{Extension}").FirstOrDefault()
            : null;

    /// <summary>A file's snapshot; null where it is none, or was removed since it was listed.</summary>
    private static ShardSnapshot? Read(LogShard shard, FileInfo file)
    {
        if (!file.Exists)
            return null;
        var parts = Path.GetFileNameWithoutExtension(file.Name).Split('-');
        return
            parts.Length == 3
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var position)
            && Guid.TryParseExact(parts[1], "N", out var entry)
            && Guid.TryParseExact(parts[2], "N", out var id)
            ? new ShardSnapshot(id, shard, new LogCursor(position, entry), file.Length, file.LastWriteTimeUtc)
            : null;
    }
}
