using System.Text;

namespace SearchEngine.Ingestion;

/// <summary>A file to read: on the disk, or inside an archive or a message.</summary>
public sealed class SourceFile
{
    /// <summary>Largest file that a reader takes into memory as a whole; more text than this is 1 GiB as a string.</summary>
    public const long MaxBytesInMemory = 512L << 20;

    private readonly Func<Stream>? _open;
    private long _consumed;

    /// <summary>A file on the disk.</summary>
    /// <param name="source">The name under which it is stored (see <see cref="IngestionOptions.BaseDirectory"/>).</param>
    /// <param name="fullPath">Where it is.</param>
    public SourceFile(string source, string fullPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        ArgumentException.ThrowIfNullOrEmpty(fullPath);
        Source = source;
        FullPath = fullPath;
    }

    /// <summary>A file that is opened by a function: an upload, a blob, an entry of an archive, an attachment.</summary>
    /// <param name="source">The name under which it is stored.</param>
    /// <param name="fullPath">Its name or path, of which the extension and the title may come; nothing need be there.</param>
    /// <param name="open">Opens it for reading from its beginning; called more than once.</param>
    public SourceFile(string source, string fullPath, Func<Stream> open)
        : this(source, fullPath)
    {
        ArgumentNullException.ThrowIfNull(open);
        _open = open;
    }

    /// <summary>The name under which it is stored.</summary>
    public string Source { get; }

    /// <summary>Where it is; for parts of other files, a path inside them.</summary>
    public string FullPath { get; }

    /// <summary>The encoding to read text files in; null recognizes it.</summary>
    public Encoding? Encoding { get; init; }

    /// <summary>Recognizes the text of its pages that are pictures; null where nothing does.</summary>
    public TextRecognition? Recognition { get; init; }

    /// <summary>Whether <see cref="FullPath"/> is a file on the disk that any program finds under that name, not a part of one.</summary>
    internal bool IsOnDisk => _open is null && !RawNames.IsRaw(FullPath);

    /// <summary>Reads files that this file holds: entries of archives, attachments of messages.</summary>
    internal ContainedFiles? Contained { get; init; }

    /// <summary>The file's name without folder and extension.</summary>
    public string Name => RawNames.Shown(Path.GetFileNameWithoutExtension(FullPath));

    /// <summary>Bytes read from it so far, by the newest stream that <see cref="OpenRead"/> gave.</summary>
    internal long Consumed => Volatile.Read(ref _consumed);

    /// <summary>Opens the file for sequential reading; others may go on writing it.</summary>
    public Stream OpenRead()
    {
        Volatile.Write(ref _consumed, 0);
        var stream = _open?.Invoke() ?? DiskFile.OpenRead(FullPath, 1 << 16, FileOptions.SequentialScan);
        return new CountingStream(stream, read => Interlocked.Add(ref _consumed, read));
    }

    /// <summary>Reads the whole file.</summary>
    /// <exception cref="SourceFormatException">It is larger than <see cref="MaxBytesInMemory"/>.</exception>
    public byte[] ReadAllBytes()
    {
        using var stream = OpenRead();
        using var memory = new MemoryStream(stream.CanSeek ? (int)Math.Min(stream.Length, MaxBytesInMemory) : 0);
        var buffer = new byte[1 << 16];
        for (int read; (read = stream.Read(buffer)) > 0; )
        {
            if (memory.Length + read > MaxBytesInMemory)
            {
                throw new SourceFormatException(
                    $"It has more than {MaxBytesInMemory:N0} bytes, the limit of this format. Split it, or convert it to text or JSONL."
                );
            }

            memory.Write(buffer, 0, read);
        }

        return memory.Length == memory.Capacity ? memory.GetBuffer() : memory.ToArray();
    }
}
