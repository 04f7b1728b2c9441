namespace SearchEngine.Storage;

/// <summary>
/// The file system below everything that this library stores: every file that it writes is opened here, and every name that it makes,
/// renames or removes. That makes it the seam where tests inject errors and losses of power. Looking (does a file exist, what is in a
/// folder) goes to the system directly. Thread-safe.
/// </summary>
/// <remarks>
/// A file's bytes are on the disk after <see cref="StorageFile.Flush"/>, a name only after <see cref="FlushDirectory"/> of the folder
/// it is in: whoever makes or renames something that he relies on afterwards flushes its folder first, and whoever goes on from names
/// that an earlier process made (it may have died before its flush) flushes their folder at opening.
/// </remarks>
internal class StorageDisk
{
    /// <summary>The system's own files.</summary>
    public static StorageDisk Real { get; } = new();

    public virtual StorageFile Open(string path, FileMode mode, FileAccess access) => new(path, mode, access);

    /// <summary>Renames a file over another, or none.</summary>
    public virtual void Move(string from, string to) => File.Move(from, to, overwrite: true);

    /// <summary>Removes a file, where it is there.</summary>
    public virtual void Delete(string path) => File.Delete(path);

    /// <summary>Renames a folder; nothing may have the new name.</summary>
    public virtual void MoveDirectory(string from, string to) => Directory.Move(from, to);

    /// <summary>Removes a folder with everything in it.</summary>
    public virtual void DeleteDirectory(string path) => Directory.Delete(path, recursive: true);

    /// <summary>Makes the names in a folder durable: those made, renamed and removed.</summary>
    public virtual void FlushDirectory(string path) => NativeFile.FlushDirectory(path);

    /// <summary>Makes a folder and those above it where they are missing, each name durable.</summary>
    public void CreateDirectory(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Directory.Exists(full))
            return;
        var parent = Path.GetDirectoryName(full);
        if (parent is not null)
            CreateDirectory(parent);
        MakeDirectory(full);
        if (parent is not null)
            FlushDirectory(parent);
    }

    /// <summary>Makes one folder in a folder that is there.</summary>
    protected virtual void MakeDirectory(string path) => Directory.CreateDirectory(path);
}
