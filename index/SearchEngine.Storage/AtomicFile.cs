namespace SearchEngine.Storage;

/// <summary>Replaces whole files so that after a crash either the old or the new content is there, never a mixture.</summary>
public static class AtomicFile
{
    /// <summary>The ending of files under construction; whatever carries it is left over from a crash and may be deleted.</summary>
    public const string TemporarySuffix = ".tmp";

    /// <summary>
    /// Writes <paramref name="content"/> beside <paramref name="path"/>, makes it durable, renames it over <paramref name="path"/>
    /// and makes the name durable. When the call returns, the content survives a loss of power.
    /// </summary>
    /// <exception cref="StorageException">The file cannot be written; the old content is untouched.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content) => Write(path, content, StorageDisk.Real);

    internal static void Write(string path, ReadOnlySpan<byte> content, StorageDisk disk)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var full = System.IO.Path.GetFullPath(path);
        var temporary = full + TemporarySuffix;
        try
        {
            using (var file = disk.Open(temporary, FileMode.Create, FileAccess.ReadWrite))
            {
                file.Write(content, 0);
                file.Flush();
            }

            disk.Move(temporary, full);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"Cannot write '{full}': {exception.Message}", full, exception);
        }

        disk.FlushDirectory(System.IO.Path.GetDirectoryName(full)!);
    }

    /// <summary>Deletes what crashes left of unfinished writes in <paramref name="directory"/>.</summary>
    internal static void DeleteTemporaries(string directory, StorageDisk disk)
    {
        foreach (var file in Directory.EnumerateFiles(directory, "*" + TemporarySuffix))
            disk.Delete(file);
    }
}
