using SearchEngine.Storage;

namespace SearchEngine;

/// <summary>
/// Copies a folder, one file of it last, so that the copy counts only when it is whole. Every file and every name of the copy is durable
/// before that one is.
/// </summary>
internal static class FolderCopy
{
    private const int CopyBytes = 1 << 20;

    /// <summary>Copies everything but Lucene's lock file. The target folder is there; nothing may have a name that is copied.</summary>
    public static void Copy(string from, string to, string last, StorageDisk disk, CancellationToken cancellationToken)
    {
        var folders = Directory
            .EnumerateDirectories(from, "*", SearchOption.AllDirectories)
            .Select(path => Path.Combine(to, Path.GetRelativePath(from, path)))
            .ToArray();
        foreach (var folder in folders)
            disk.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var relative = Path.GetRelativePath(from, file);
            if (relative != last && Path.GetFileName(relative) != "write.lock")
                CopyFile(file, Path.Combine(to, relative), disk);
        }

        foreach (var folder in folders)
            disk.FlushDirectory(folder);
        disk.FlushDirectory(to);
        CopyFile(Path.Combine(from, last), Path.Combine(to, last), disk);
        disk.FlushDirectory(to);
    }

    /// <summary>Copies a file and forces the copy's bytes to the disk; its name is durable when its folder is flushed.</summary>
    public static void CopyFile(string from, string to, StorageDisk disk)
    {
        using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var target = disk.Open(to, FileMode.CreateNew, FileAccess.ReadWrite);
        var buffer = new byte[(int)Math.Clamp(source.Length, 1, CopyBytes)];
        long at = 0;
        for (int count; (count = source.Read(buffer)) > 0; at += count)
            target.Write(buffer.AsSpan(0, count), at);
        target.Flush();
    }
}
