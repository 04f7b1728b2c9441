namespace SearchEngine.Ingestion;

/// <summary>A file to read.</summary>
/// <param name="Source">The name under which it is stored (see <see cref="IngestionOptions.BaseDirectory"/>).</param>
/// <param name="FullPath">Where it is.</param>
public sealed record SourceFile(string Source, string FullPath)
{
    /// <summary>Largest file that a reader takes into memory as a whole; 1 GiB of text is 2 GiB as a string, the limit of .NET.</summary>
    public const long MaxBytesInMemory = 1L << 30;

    /// <summary>The file's name without folder and extension.</summary>
    public string Name => Path.GetFileNameWithoutExtension(FullPath);

    /// <summary>Opens the file for sequential reading; others may go on writing it.</summary>
    public FileStream OpenRead() =>
        new(FullPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16, FileOptions.SequentialScan);

    /// <summary>Reads the whole file.</summary>
    /// <exception cref="SourceFormatException">It is larger than <see cref="MaxBytesInMemory"/>.</exception>
    public byte[] ReadAllBytes()
    {
        using FileStream stream = OpenRead();
        if (stream.Length > MaxBytesInMemory)
            throw new SourceFormatException($"It has {stream.Length:N0} bytes; this format is read up to {MaxBytesInMemory:N0}. Split it, or convert it to JSONL.");
        var bytes = new byte[stream.Length];
        int read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return read == bytes.Length ? bytes : bytes[..read];
    }
}
