namespace SearchEngine.Storage.Tests;

/// <summary>A directory that goes with the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public TemporaryDirectory() => Path = Directory.CreateTempSubdirectory("searchengine-storage-").FullName;

    public string Path { get; }

    public string Sub(string name) => System.IO.Path.Combine(Path, name);

    public static void Copy(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var directory in Directory.EnumerateDirectories(source))
            Copy(directory, System.IO.Path.Combine(target, System.IO.Path.GetFileName(directory)));
        foreach (var file in Directory.EnumerateFiles(source))
        {
            using var from = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var to = File.Create(System.IO.Path.Combine(target, System.IO.Path.GetFileName(file)));
            from.CopyTo(to);
        }
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
