using Microsoft.Win32.SafeHandles;

namespace SearchEngine.Storage;

/// <summary>
/// A file read and written at offsets; thread-safe. Every byte this library stores goes through one that a <see cref="StorageDisk"/>
/// opened.
/// </summary>
internal class StorageFile : IDisposable
{
    private const int CopyBytes = 1 << 20;

    private readonly SafeFileHandle? _handle;

    public StorageFile(string path, FileMode mode, FileAccess access = FileAccess.ReadWrite)
    {
        Path = path;
        _handle = File.OpenHandle(path, mode, access, FileShare.ReadWrite | FileShare.Delete);
    }

    /// <summary>For a file that keeps its content itself.</summary>
    protected StorageFile(string path) => Path = path;

    public string Path { get; }

    private SafeFileHandle Handle => _handle ?? throw new NotSupportedException($"'{Path}' has no file of its own.");

    public virtual long Length => RandomAccess.GetLength(Handle);

    public virtual void Write(ReadOnlySpan<byte> data, long offset) => RandomAccess.Write(Handle, data, offset);

    /// <summary>Reads until the span is full or the file ends; returns the bytes read.</summary>
    public virtual int Read(Span<byte> data, long offset)
    {
        var total = 0;
        while (total < data.Length)
        {
            var read = RandomAccess.Read(Handle, data[total..], offset + total);
            if (read == 0)
                break;
            total += read;
        }

        return total;
    }

    /// <summary>Forces what was written to the disk.</summary>
    public virtual void Flush()
    {
        if (OperatingSystem.IsLinux())
            NativeFile.FlushData(Handle, Path);
        else
            RandomAccess.FlushToDisk(Handle);
    }

    /// <summary>Copies the first <paramref name="length"/> bytes into a file of their own, forced to the disk there.</summary>
    public void CopyTo(StorageDisk disk, string path, long length)
    {
        using var target = disk.Open(path, FileMode.Create, FileAccess.ReadWrite);
        var buffer = new byte[(int)Math.Min(CopyBytes, length)];
        for (long offset = 0; offset < length; )
        {
            var count = Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - offset)), offset);
            if (count == 0)
                throw new EndOfStreamException($"'{Path}' ends at byte {offset}; {length} were to be copied.");
            target.Write(buffer.AsSpan(0, count), offset);
            offset += count;
        }

        target.Flush();
    }

    public virtual void SetLength(long length) => RandomAccess.SetLength(Handle, length);

    public virtual void Dispose()
    {
        _handle?.Dispose();
        GC.SuppressFinalize(this);
    }
}
