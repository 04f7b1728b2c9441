namespace SearchEngine;

/// <summary>Where a database's collections lie: below a database directory, or, read-only, a snapshot's folder, which is one collection.</summary>
internal sealed class DatabaseFolder
{
    private readonly string _directory;
    private readonly string? _snapshot;

    private DatabaseFolder(string directory, string? snapshot)
    {
        _directory = directory;
        _snapshot = snapshot;
    }

    /// <exception cref="SearchDatabaseException">Nothing there to read, or a snapshot to write to.</exception>
    public static DatabaseFolder Open(string directory, bool readOnly)
    {
        var asSnapshot = new CollectionFiles(directory);
        if (!readOnly)
        {
            if (asSnapshot.Exists)
                throw new SearchDatabaseException(SearchDatabaseError.ReadOnly, $"{directory} is a snapshot of a collection: open it read-only, or restore it into a database.") { Directory = directory };
            Directory.CreateDirectory(directory);
            CollectionFiles.RemoveLeftovers(directory);
            return new DatabaseFolder(directory, null);
        }

        if (asSnapshot.Exists) return new DatabaseFolder(directory, SchemaFile.Read(asSnapshot.Schema).Name);
        if (!Directory.Exists(CollectionFiles.Root(directory)))
            throw new SearchDatabaseException(SearchDatabaseError.Storage, $"There is no database or snapshot in {directory} to read.") { Directory = directory };
        return new DatabaseFolder(directory, null);
    }

    public IReadOnlyList<string> Names() => _snapshot is null ? [.. CollectionFiles.Names(_directory)] : [_snapshot];

    public CollectionFiles FilesOf(string name) => name == _snapshot ? new CollectionFiles(_directory) : CollectionFiles.Of(_directory, name);

    public bool Has(string name) => FilesOf(name).Exists;
}
