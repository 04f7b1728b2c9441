using SearchEngine.Storage;

namespace SearchEngine.TestDisks;

/// <summary>
/// A disk that forgets as a real one does. Below <paramref name="root"/> it follows every file, name and folder: bytes that were not
/// forced to the disk and names whose folder was not flushed may be gone after <see cref="LosePower"/>, whole or in part (by sectors of
/// 512 bytes), in any combination; a removed or replaced file may be back. What a program sees until then is the system's own file system.
/// It also fails after a number of operations, if it is told to. Thread-safe.
/// </summary>
/// <remarks>
/// Files that come into being below the root without passing through it are an error of the program: <see cref="LosePower"/> throws.
/// </remarks>
internal sealed class SimulatedDisk : StorageDisk
{
    /// <summary>Files that hold nothing but an operating system's lock.</summary>
    private static readonly string[] LockFiles = ["LOCK", "write.lock"];

    private readonly Lock _lock = new();
    private readonly FolderNode _root;
    private readonly FolderNode _removed;
    private readonly Fault _fault;
    private int _operationsUntilFault;
    private int _removals;
    private int _operationsUntilOff = int.MaxValue;
    private volatile bool _off;

    public SimulatedDisk(string root, Fault fault = Fault.None, int operationsUntilFault = int.MaxValue)
    {
        _fault = fault;
        _operationsUntilFault = operationsUntilFault;
        var full = Path.GetFullPath(root);
        _root = new FolderNode { Name = string.Empty, RootPath = full };
        _removed = new FolderNode { Name = string.Empty, RootPath = full + ".removed" };
        Directory.CreateDirectory(full);
        if (Directory.Exists(_removed.Path))
            Directory.Delete(_removed.Path, recursive: true);
        Directory.CreateDirectory(_removed.Path);
        Scan(_root);
    }

    private SimulatedDisk(SimulatedDisk killed)
    {
        if (!killed.IsOff)
            throw new InvalidOperationException("The process before was not killed.");
        _operationsUntilFault = int.MaxValue;
        _root = killed._root;
        _removed = killed._removed;
        _removals = killed._removals;
    }

    public bool FaultHappened { get; private set; }

    public bool IsOff => _off;

    /// <summary>From now on every operation fails: the process was killed, or the power went.</summary>
    public void TurnOff() => _off = true;

    /// <summary>As <see cref="TurnOff"/>, in the middle of whatever is being done at the n-th operation from now on.</summary>
    public void TurnOffAfter(int operations) => Volatile.Write(ref _operationsUntilOff, operations);

    /// <summary>
    /// The disk as a new process finds it where a killed one ended: what was not forced is still with the operating system. Whatever is
    /// left of the old process (a thread that merges, a file that is open) stays at the old object, which is off for good.
    /// </summary>
    public SimulatedDisk AfterKill() => new(this);

    public override StorageFile Open(string path, FileMode mode, FileAccess access)
    {
        if (Locate(path) is not { } place)
            return base.Open(path, mode, access);
        lock (_lock)
        {
            ThrowIfOff();
            var node = (FileNode?)place.Folder.Find(place.Name);
            if (node is null)
            {
                if (File.Exists(path))
                    throw new InvalidOperationException($"{path} was made without the disk.");
                var file = new SimulatedFile(this, node = new FileNode { Name = place.Name }, path, mode, access);
                place.Folder.Add(node);
                return file;
            }

            var opened = new SimulatedFile(this, node, path, mode is FileMode.Create ? FileMode.Open : mode, access);
            if (mode is FileMode.Create && opened.Length > 0)
                opened.SetLength(0);
            return opened;
        }
    }

    public override void Move(string from, string to) => Rename(from, to, (a, b) => File.Move(a, b));

    public override void MoveDirectory(string from, string to) => Rename(from, to, Directory.Move);

    public override void Delete(string path)
    {
        if (Locate(path) is not { } place)
        {
            base.Delete(path);
            return;
        }

        lock (_lock)
        {
            ThrowIfOff();
            if (place.Folder.Find(place.Name) is FileNode node)
                Bury(node);
        }
    }

    public override void DeleteDirectory(string path)
    {
        if (Locate(path) is not { } place)
        {
            base.DeleteDirectory(path);
            return;
        }

        lock (_lock)
        {
            ThrowIfOff();
            if (place.Folder.Find(place.Name) is not FolderNode folder)
                throw new DirectoryNotFoundException(path);
            BuryWhole(folder);
        }
    }

    public override void FlushDirectory(string path)
    {
        if (FindFolder(path) is not { } folder)
        {
            base.FlushDirectory(path);
            return;
        }

        lock (_lock)
        {
            if (Strikes([Fault.FlushError]))
                throw new IOException("Input/output error.");
            folder.Forced();
        }
    }

    /// <summary>Leaves below the root what a loss of power would. All files must be closed; the disk is done with.</summary>
    public void LosePower(Random random)
    {
        lock (_lock)
        {
            ThrowIfStrangers(_root);
            var files = new List<(string Path, byte[] Content)>();
            var folders = new List<string>();
            Survive(_root, _root.Path, random, files, folders);
            Directory.Delete(_root.Path, recursive: true);
            Directory.Delete(_removed.Path, recursive: true);
            Directory.CreateDirectory(_root.Path);
            foreach (var folder in folders)
                Directory.CreateDirectory(folder);
            foreach (var (path, content) in files)
                File.WriteAllBytes(path, content);
        }
    }

    protected override void MakeDirectory(string path)
    {
        if (Locate(path) is not { } place)
        {
            base.MakeDirectory(path);
            return;
        }

        lock (_lock)
        {
            ThrowIfOff();
            if (place.Folder.Find(place.Name) is not null)
                return;
            Directory.CreateDirectory(path);
            place.Folder.Add(new FolderNode { Name = place.Name });
        }
    }

    /// <summary>Notes that the bytes of a file that is written past this class (Lucene's) are open, or durable from now on.</summary>
    internal FileNode Created(string path)
    {
        var place = Locate(path) ?? throw new ArgumentException($"{path} is not below the disk's root.");
        lock (_lock)
        {
            var node = new FileNode { Name = place.Name };
            place.Folder.Add(node);
            return node;
        }
    }

    internal void ThrowIfOff()
    {
        if (Interlocked.Decrement(ref _operationsUntilOff) == 0)
            _off = true;
        if (_off)
            throw new IOException("Input/output error (the power is off).");
    }

    private static void Survive(FolderNode folder, string path, Random random, List<(string, byte[])> files, List<string> folders)
    {
        foreach (var (name, node) in folder.AfterPowerLoss(random))
        {
            var own = Path.Combine(path, name);
            if (node is FileNode file)
            {
                files.Add((own, file.AfterPowerLoss(random)));
                continue;
            }

            folders.Add(own);
            Survive((FolderNode)node, own, random, files, folders);
        }
    }

    private static void ThrowIfStrangers(FolderNode folder)
    {
        foreach (var path in Directory.EnumerateFileSystemEntries(folder.Path))
        {
            if (folder.Find(Path.GetFileName(path)) is null && !LockFiles.Contains(Path.GetFileName(path)))
                throw new InvalidOperationException($"{path} was made without the disk: a loss of power could not take it.");
        }

        foreach (var child in folder.Children.OfType<FolderNode>())
            ThrowIfStrangers(child);
    }

    private static void Scan(FolderNode folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder.Path))
        {
            if (!LockFiles.Contains(Path.GetFileName(path)))
                folder.Found(new FileNode { Name = Path.GetFileName(path) });
        }

        foreach (var path in Directory.EnumerateDirectories(folder.Path))
        {
            var child = new FolderNode { Name = Path.GetFileName(path) };
            folder.Found(child);
            Scan(child);
        }
    }

    private void Rename(string from, string to, Action<string, string> move)
    {
        if (Locate(from) is not { } source || Locate(to) is not { } target || source.Folder != target.Folder)
            throw new NotSupportedException($"The disk renames within a folder below its root only, not '{from}' to '{to}'.");
        lock (_lock)
        {
            ThrowIfOff();
            var node = source.Folder.Find(source.Name) ?? throw new FileNotFoundException(from);
            if (target.Folder.Find(target.Name) is { } replaced)
            {
                // In one step with the renaming: a loss of power leaves the old file or the new one.
                var grave = $"{_removals++}";
                move(to, Path.Combine(_removed.Path, grave));
                move(from, to);
                target.Folder.Rename(node, target.Name);
                replaced.Name = grave;
                replaced.Parent = _removed;
                return;
            }

            move(from, to);
            source.Folder.Rename(node, target.Name);
        }
    }

    /// <summary>Takes a file out of sight; its bytes stay, because its name may come back.</summary>
    private void Bury(FileNode node)
    {
        var path = node.Path;
        node.Parent!.Remove(node);
        node.Name = $"{_removals++}";
        node.Parent = _removed;
        File.Move(path, node.Path);
    }

    private void BuryWhole(FolderNode folder)
    {
        foreach (var child in folder.Children.ToArray())
        {
            if (child is FileNode file)
                Bury(file);
            else
                BuryWhole((FolderNode)child);
        }

        // Lock files, which nobody misses, may be left.
        Directory.Delete(folder.Path, recursive: true);
        folder.Parent!.Remove(folder);
    }

    /// <summary>The folder that a path is in, and its name there; null outside the root.</summary>
    private (FolderNode Folder, string Name)? Locate(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return full.Length > _root.Path.Length && FindFolder(Path.GetDirectoryName(full)!) is { } folder
            ? (folder, Path.GetFileName(full))
            : null;
    }

    private FolderNode? FindFolder(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (full != _root.Path && !full.StartsWith(_root.Path + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            return null;
        lock (_lock)
        {
            var folder = _root;
            foreach (var part in full[_root.Path.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
            {
                folder =
                    folder.Find(part) as FolderNode
                    ?? throw new DirectoryNotFoundException($"'{path}' is not there, or was made without the disk.");
            }

            return folder;
        }
    }

    private bool Strikes(Fault[] kinds)
    {
        ThrowIfOff();
        if (!kinds.Contains(_fault))
            return false;
        var left = Interlocked.Decrement(ref _operationsUntilFault);
        if (left > 0 || (left < 0 && _fault != Fault.FullDisk))
            return false;
        FaultHappened = true;
        return true;
    }

    private sealed class SimulatedFile(SimulatedDisk disk, FileNode node, string path, FileMode mode, FileAccess access)
        : StorageFile(path, mode, access)
    {
        public override void Write(ReadOnlySpan<byte> data, long offset)
        {
            lock (node)
            {
                if (disk.Strikes([Fault.WriteError, Fault.TornWrite, Fault.FullDisk]))
                {
                    if (disk._fault == Fault.TornWrite && data.Length > 1)
                        WriteNoted(data[..(data.Length / 2)], offset);
                    throw disk._fault == Fault.FullDisk ? DiskErrors.Full() : new IOException("Input/output error.");
                }

                WriteNoted(data, offset);
            }
        }

        public override int Read(Span<byte> data, long offset)
        {
            if (disk.Strikes([Fault.ReadError]))
                throw new IOException("Input/output error.");
            return base.Read(data, offset);
        }

        public override void Flush()
        {
            lock (node)
            {
                if (disk.Strikes([Fault.FlushError]))
                    throw new IOException("Input/output error.");
                node.Forced();
            }
        }

        public override void SetLength(long length)
        {
            lock (node)
            {
                disk.ThrowIfOff();
                var cut = new byte[Math.Max(0, Length - length)];
                base.Read(cut, length);
                node.Resized(length, cut, Length);
                base.SetLength(length);
            }
        }

        private void WriteNoted(ReadOnlySpan<byte> data, long offset)
        {
            var before = new byte[Math.Clamp(Length - offset, 0, data.Length)];
            base.Read(before, offset);
            node.Written(offset, before, Length, data.ToArray());
            base.Write(data, offset);
        }
    }
}
