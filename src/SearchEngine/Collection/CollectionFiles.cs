using System.Globalization;
using SearchEngine.Database;
using SearchEngine.Storage;

namespace SearchEngine;

/// <summary>
/// Where a collection's files are: <c>collections/NAME/{schema.json, manifest…, log/, records/, graph/, images/, lexical/}</c>. Nothing is
/// taken
/// away by itself but what the engine marked as its own and unfinished: a folder that is being made carries <c>unfinished</c> from its
/// first moment to its last, one that is being deleted has a name of its own. A folder without a schema and without that mark is
/// somebody's data with a file missing (an unfinished copy): it is refused, by name, and left as it is.
/// </summary>
internal sealed class CollectionFiles(string directory, StorageDisk? disk = null, int views = 0)
{
    private const string DeletedSuffix = "%deleted";
    private const string SchemaName = "schema.json";
    private const int LooksAtDamage = 3;
    private const string UnfinishedName = "unfinished";
    private const string GraphName = "graph";
    private const string LexicalName = "lexical";

    private readonly StorageDisk _disk = disk ?? StorageDisk.Real;

    public string Directory { get; } = directory;

    public string Schema => Path.Combine(Directory, SchemaName);

    public string Log => Path.Combine(Directory, "log");

    public string Records => Path.Combine(Directory, "records");

    /// <summary>
    /// Which of the folders of derived views count: the manifest says so. A repair makes new ones beside those that are there.
    /// </summary>
    public int Views { get; } = views;

    public string Graph => Path.Combine(Directory, Numbered(GraphName, Views));

    /// <summary>Images of the vector indexes, made anew from the graph store where they are missing.</summary>
    public string Images => Path.Combine(Directory, "images");

    public string Lexical => Path.Combine(Directory, Numbered(LexicalName, Views));

    /// <summary>Whether there is a whole collection: its schema is written last.</summary>
    public bool Exists => File.Exists(Schema);

    /// <summary>Whether there is a collection, whole or not: a database is not made inside one.</summary>
    public bool IsCollection => Exists || CheckpointManifest.IsIn(Directory);

    private string Unfinished => Path.Combine(Directory, UnfinishedName);

    public static string Root(string database) => Path.Combine(database, "collections");

    public static CollectionFiles Of(string database, string name, StorageDisk? disk = null)
    {
        var root = Root(database);
        var folder = CollectionNames.ToFolder(name);
        if (CollectionNames.ToEarlierFolder(name) is { } earlier && System.IO.Directory.Exists(Path.Combine(root, earlier)))
            folder = earlier;
        return new CollectionFiles(Path.Combine(root, folder), disk);
    }

    /// <summary>The names of the collections of a database, in ordinal order. What is no collection's folder is left out.</summary>
    public static IEnumerable<string> Names(string database)
    {
        var root = Root(database);
        if (!System.IO.Directory.Exists(root))
            return [];
        return System
            .IO.Directory.EnumerateDirectories(root)
            .Select(path => NameIn(database, path))
            .OfType<string>()
            .Order(StringComparer.Ordinal);
    }

    /// <summary>Removes what an interrupted creation or deletion of the engine's own left, and nothing else.</summary>
    public static void RemoveLeftovers(string database, StorageDisk? disk = null)
    {
        var root = Root(database);
        if (!System.IO.Directory.Exists(root))
            return;
        var real = disk ?? StorageDisk.Real;
        foreach (var path in System.IO.Directory.EnumerateDirectories(root).ToArray())
        {
            if (path.EndsWith(DeletedSuffix, StringComparison.Ordinal))
                real.DeleteDirectory(path);
            else
                new CollectionFiles(path, real).RemoveUnfinished();
        }
    }

    /// <summary>
    /// Makes the folder of a collection that is about to be made or restored, marked unfinished until <see cref="Finish"/>.
    /// </summary>
    /// <exception cref="SearchDatabaseException">There is something that the engine did not leave unfinished.</exception>
    public void Begin()
    {
        RemoveUnfinished();
        ThrowIfIncomplete();
        _disk.CreateDirectory(Directory);
        using (var mark = _disk.Open(Unfinished, FileMode.CreateNew, FileAccess.ReadWrite))
            mark.Flush();
        _disk.FlushDirectory(Directory);
    }

    /// <summary>
    /// Takes the mark away, once the schema is durable, and makes names durable that an earlier process may have left without.
    /// </summary>
    public void Finish()
    {
        if (File.Exists(Unfinished))
            _disk.Delete(Unfinished);
        if (System.IO.Directory.Exists(Lexical))
            _disk.FlushDirectory(Lexical);
        _disk.FlushDirectory(Directory);
    }

    /// <summary>Removes the folder if it is one that the engine was making when its process ended, or holds no file at all.</summary>
    public void RemoveUnfinished()
    {
        if (Exists || !System.IO.Directory.Exists(Directory))
            return;
        if (!File.Exists(Unfinished) && System.IO.Directory.EnumerateFiles(Directory, "*", SearchOption.AllDirectories).Any())
            return;
        Delete();
    }

    /// <exception cref="SearchDatabaseException">The folder holds files but no schema, and the engine was not making it.</exception>
    public void ThrowIfIncomplete()
    {
        // Another thread may be making, deleting and making it again: what is missing for good is missing at every look.
        for (var look = 0; look < LooksAtDamage; look++)
        {
            if (!IsIncomplete())
                return;
            Thread.Sleep(1);
        }

        throw new SearchDatabaseException(
            SearchDatabaseError.Corrupt,
            $"{Directory} holds files of a collection, but its {SchemaName} is missing: the copy is unfinished, or the file was removed. "
                + $"Nothing was changed. Put {SchemaName} back, or restore the folder from a snapshot; move the folder away if it is not needed."
        );
    }

    /// <summary>
    /// The mark of a folder that is being made is its first entry and goes when the schema has come, and a deleted folder goes at once:
    /// looked at in this order, one that is made or deleted meanwhile is not taken for one without a schema.
    /// </summary>
    private bool IsIncomplete()
    {
        if (Exists || !System.IO.Directory.Exists(Directory))
            return false;
        try
        {
            if (!System.IO.Directory.EnumerateFileSystemEntries(Directory).Any())
                return false;
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }

        return !File.Exists(Unfinished) && !Exists && System.IO.Directory.Exists(Directory);
    }

    /// <summary>Takes the collection out of sight in one durable step, then removes its files.</summary>
    public void Delete()
    {
        var parent = Path.GetDirectoryName(Directory)!;
        var doomed = Path.Combine(parent, $"{Guid.NewGuid():N}{DeletedSuffix}");
        _disk.MoveDirectory(Directory, doomed);
        _disk.FlushDirectory(parent);
        _disk.DeleteDirectory(doomed);
    }

    /// <summary>The same folder with the derived views that a manifest names.</summary>
    public CollectionFiles WithViews(int views) => new(Directory, disk, views);

    /// <summary>The same folder with names for derived views that are not taken yet.</summary>
    public CollectionFiles WithNewViews()
    {
        var next = Views + 1;
        while (ViewFolders().Any(folder => folder.Number == next))
            next++;
        return WithViews(next);
    }

    /// <summary>
    /// Removes the derived views that do not count, once the manifest that names those that do is durable: a repair's old ones, and
    /// what a repair that was cancelled or killed had made.
    /// </summary>
    public void RemoveOtherViews()
    {
        foreach (var (path, number) in ViewFolders())
        {
            if (number != Views)
                _disk.DeleteDirectory(path);
        }
    }

    public long Bytes()
    {
        long bytes = 0;
        foreach (var file in new DirectoryInfo(Directory).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            try
            {
                bytes += file.Length;
            }
            catch (FileNotFoundException)
            {
                // A segment that was merged or truncated away in between takes no space.
            }
        }

        return bytes;
    }

    private static string Numbered(string name, int number) =>
        number == 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{number}");

    /// <summary>Every folder of derived views that is there.</summary>
    private (string Path, int Number)[] ViewFolders() =>
        [
            .. System
                .IO.Directory.EnumerateDirectories(Directory)
                .SelectMany(path =>
                {
                    var name = Path.GetFileName(path);
                    var cut = name.IndexOf('-', StringComparison.Ordinal);
                    var number =
                        cut < 0 ? 0
                        : int.TryParse(name.AsSpan(cut + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var read) ? read
                        : -1;
                    return number >= 0 && (name == Numbered(GraphName, number) || name == Numbered(LexicalName, number))
                        ? new[] { (path, number) }
                        : [];
                }),
        ];

    /// <summary>The name of the collection in a folder, or null where there is none, or another folder is that name's.</summary>
    private static string? NameIn(string database, string path)
    {
        var files = new CollectionFiles(path);
        if (!files.Exists)
            return null;
        var name = CollectionNames.FromFolder(Path.GetFileName(path)) ?? NameInSchema(files);
        return name is not null && Of(database, name).Directory == path ? name : null;
    }

    /// <summary>A damaged schema of a long name tells no name: listing goes on past it.</summary>
    private static string? NameInSchema(CollectionFiles files)
    {
        try
        {
            return SchemaFile.Read(files.Schema).Name;
        }
        catch (SearchDatabaseException)
        {
            return null;
        }
    }
}
