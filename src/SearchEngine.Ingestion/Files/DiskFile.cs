namespace SearchEngine.Ingestion;

/// <summary>Files on the disk by their paths, those whose names are not UTF-8 too (<see cref="RawNames"/>).</summary>
internal static class DiskFile
{
    internal static bool Exists(string path) =>
        File.Exists(path) || (RawNames.IsRaw(path) && FileKinds.Of(path, follow: true) == FileKind.Regular);

    /// <summary>Opens a file for reading from its beginning; others may go on writing it.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    internal static FileStream OpenRead(string path, int bufferSize, FileOptions options = FileOptions.None) =>
        RawNames.IsRaw(path) && !File.Exists(path)
            ? new FileStream(RawNames.Open(path), FileAccess.Read, bufferSize)
            : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize, options);

    internal static long Length(string path)
    {
        if (!RawNames.IsRaw(path) || File.Exists(path))
        {
            return new FileInfo(path).Length;
        }

        using var file = RawNames.Open(path);
        return RandomAccess.GetLength(file);
    }

    internal static DateTime LastWriteTimeUtc(string path)
    {
        if (!RawNames.IsRaw(path) || File.Exists(path))
        {
            return File.GetLastWriteTimeUtc(path);
        }

        using var file = RawNames.Open(path);
        return File.GetLastWriteTimeUtc(file);
    }
}
