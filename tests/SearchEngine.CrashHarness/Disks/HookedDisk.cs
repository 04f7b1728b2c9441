using SearchEngine.Storage;

namespace SearchEngine.TestDisks;

/// <summary>The system's own disk, with something done before a file is opened.</summary>
internal sealed class HookedDisk(Action<string> beforeOpening) : StorageDisk
{
    public override StorageFile Open(string path, FileMode mode, FileAccess access)
    {
        beforeOpening(path);
        return base.Open(path, mode, access);
    }
}
