namespace SearchEngine.TestDisks;

/// <summary>A file or folder of a <see cref="SimulatedDisk"/>, and where it is in the system's own file system at the moment.</summary>
internal abstract class DiskNode
{
    public FolderNode? Parent { get; set; }

    public required string Name { get; set; }

    public virtual string Path => System.IO.Path.Combine(Parent!.Path, Name);
}
