using Lucene.Net.Store;
using Directory = Lucene.Net.Store.Directory;

namespace SearchEngine.Lexical.Indexing;

/// <summary>
/// An index directory that is only read: files that Lucene makes or deletes are made and deleted in memory, nothing on the disk changes
/// and no lock file is laid.
/// </summary>
internal sealed class OverlayDirectory : BaseDirectory
{
    private readonly Directory _disk;
    private readonly RAMDirectory _memory = new();
    private readonly HashSet<string> _hidden = new(StringComparer.Ordinal);
    private readonly System.Threading.Lock _lock = new();

    internal OverlayDirectory(Directory disk)
    {
        _disk = disk;
        SetLockFactory(new SingleInstanceLockFactory());
    }

    public override string[] ListAll()
    {
        lock (_lock)
            return [.. _disk.ListAll().Where(name => !_hidden.Contains(name)).Union(_memory.ListAll(), StringComparer.Ordinal)];
    }

    [Obsolete("Lucene's own member is obsolete.")]
    public override bool FileExists(string name) => _memory.FileExists(name) || (IsShown(name) && _disk.FileExists(name));

    public override void DeleteFile(string name)
    {
        lock (_lock)
        {
            if (InMemory(name))
                _memory.DeleteFile(name);
            else if (!_hidden.Add(name))
                throw new FileNotFoundException($"There is no file {name}.");
        }
    }

    public override long FileLength(string name) => InMemory(name) ? _memory.FileLength(name) : OnDisk(name).FileLength(name);

    public override IndexOutput CreateOutput(string name, IOContext context) => _memory.CreateOutput(name, context);

    public override void Sync(ICollection<string> names) { }

    public override IndexInput OpenInput(string name, IOContext context) =>
        InMemory(name) ? _memory.OpenInput(name, context) : OnDisk(name).OpenInput(name, context);

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        IsOpen = false;
        _memory.Dispose();
        _disk.Dispose();
    }

    private bool InMemory(string name) => Array.IndexOf(_memory.ListAll(), name) >= 0;

    private bool IsShown(string name)
    {
        lock (_lock)
            return !_hidden.Contains(name);
    }

    private Directory OnDisk(string name) => IsShown(name) ? _disk : throw new FileNotFoundException($"There is no file {name}.");
}
