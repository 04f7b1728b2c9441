using SearchEngine.Storage;

namespace SearchEngine;

/// <summary>
/// Where a database's collections lie: below a database directory, or, read-only, a snapshot's folder, which is one collection.
/// </summary>
internal sealed class DatabaseFolder
{
    private readonly string _directory;
    private readonly string? _snapshot;

    private readonly StorageDisk _disk;

    private DatabaseFolder(string directory, string? snapshot, StorageDisk disk)
    {
        _directory = directory;
        _snapshot = snapshot;
        _disk = disk;
    }

    /// <exception cref="SearchDatabaseException">Nothing there to read, or a snapshot to write to.</exception>
    public static DatabaseFolder Open(string directory, bool readOnly, StorageDisk disk)
    {
        var asSnapshot = new CollectionFiles(directory);
        if (!readOnly)
        {
            if (!asSnapshot.Exists && asSnapshot.IsCollection)
                asSnapshot.ThrowIfIncomplete();
            if (asSnapshot.Exists)
            {
                throw new SearchDatabaseException(
                    SearchDatabaseError.ReadOnly,
                    $"{directory} is a snapshot of a collection: open it read-only, or restore it into a database."
                )
                {
                    Directory = directory,
                };
            }
            // The names may be from a process that died before it flushed them.
            disk.CreateDirectory(CollectionFiles.Root(directory));
            disk.FlushDirectory(directory);
            disk.FlushDirectory(CollectionFiles.Root(directory));
            CollectionFiles.RemoveLeftovers(directory, disk);
            return new DatabaseFolder(directory, null, disk);
        }

        if (asSnapshot.Exists)
            return new DatabaseFolder(directory, SchemaFile.Read(asSnapshot.Schema).Name, disk);
        if (!Directory.Exists(CollectionFiles.Root(directory)))
        {
            throw new SearchDatabaseException(SearchDatabaseError.Storage, $"There is no database or snapshot in {directory} to read.")
            {
                Directory = directory,
            };
        }
        return new DatabaseFolder(directory, null, disk);
    }

    public IReadOnlyList<string> Names() => _snapshot is null ? [.. CollectionFiles.Names(_directory)] : [_snapshot];

    public CollectionFiles FilesOf(string name) =>
        name == _snapshot ? new CollectionFiles(_directory, _disk) : CollectionFiles.Of(_directory, name, _disk);

    /// <exception cref="SearchDatabaseException">Its files are there, its schema is missing.</exception>
    public bool Has(string name)
    {
        var files = FilesOf(name);
        files.ThrowIfIncomplete();
        return files.Exists;
    }
}
