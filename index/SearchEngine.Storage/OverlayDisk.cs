namespace SearchEngine.Storage;

/// <summary>The disk of a store that is opened read-only: what is written to its files stays in memory, names cannot be changed.</summary>
internal sealed class OverlayDisk : StorageDisk
{
    public static OverlayDisk Instance { get; } = new();

    public override StorageFile Open(string path, FileMode mode, FileAccess access) => OverlayFile.Open(path);

    public override void Move(string from, string to) => throw Refused(to);

    public override void Delete(string path) => throw Refused(path);

    public override void MoveDirectory(string from, string to) => throw Refused(to);

    public override void DeleteDirectory(string path) => throw Refused(path);

    public override void FlushDirectory(string path) => throw Refused(path);

    protected override void MakeDirectory(string path) => throw Refused(path);

    private static StorageException Refused(string path) => new($"'{path}' was opened read-only.", path);
}
