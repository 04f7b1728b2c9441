namespace SearchEngine;

/// <summary>Copies a folder, one file of it last, so that the copy counts only when it is whole.</summary>
internal static class FolderCopy
{
    public static void Copy(string from, string to, string last, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(to);
        foreach (var directory in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, directory)));
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var relative = Path.GetRelativePath(from, file);
            if (relative != last && Path.GetFileName(relative) != "write.lock") CopyFile(file, Path.Combine(to, relative));
        }

        CopyFile(Path.Combine(from, last), Path.Combine(to, last));
    }

    /// <summary>Copies a file and forces the copy to the disk.</summary>
    public static void CopyFile(string from, string to)
    {
        using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var target = new FileStream(to, FileMode.CreateNew, FileAccess.Write);
        source.CopyTo(target, 1 << 20);
        target.Flush(flushToDisk: true);
    }
}
