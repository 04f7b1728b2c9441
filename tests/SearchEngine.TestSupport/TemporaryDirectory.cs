namespace SearchEngine.TestSupport;

/// <summary>A fresh folder under the system's temporary folder, removed when disposed.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    // A checkpoint or a merge ends within a few copies; who never stops writing has no one state to copy.
    private const int Attempts = 1000;

    public TemporaryDirectory()
    {
        FullPath = Directory.CreateTempSubdirectory("searchengine-test-").FullName;
    }

    public string FullPath { get; }

    public string Combine(params string[] parts) => Path.Combine([FullPath, .. parts]);

    /// <summary>
    /// Copies a folder with all its files as they are at one moment, but for the lock that is its owner's alone. A database may be
    /// open on the folder: a kill leaves one state of all files, while files copied in turn beside a checkpoint can be of several,
    /// so a copy counts only if every file is still there and the same when the last one is copied.
    /// </summary>
    public static void Copy(string from, string to)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (TryCopy(from, to))
                return;
            Directory.Delete(to, recursive: true);
        }

        throw new InvalidOperationException($"'{from}' was written all the time: it has no state to copy.");
    }

    public void Dispose()
    {
        if (Directory.Exists(FullPath))
            Directory.Delete(FullPath, recursive: true);
    }

    private static bool TryCopy(string from, string to)
    {
        Directory.CreateDirectory(to);
        try
        {
            var files = FilesOf(from);
            foreach (var directory in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
                Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, directory)));
            foreach (var file in files)
                File.WriteAllBytes(Path.Combine(to, file), Read(Path.Combine(from, file)));
            return files.SequenceEqual(FilesOf(from))
                && files.All(file => Read(Path.Combine(from, file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(to, file))));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    private static List<string> FilesOf(string folder) =>
        [
            .. Directory
                .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Where(file => Path.GetFileName(file) != "LOCK")
                .Select(file => Path.GetRelativePath(folder, file))
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>A file that others may have open, to write it or to delete it.</summary>
    private static byte[] Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }
}
