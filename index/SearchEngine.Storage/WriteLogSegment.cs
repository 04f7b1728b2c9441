using System.Buffers.Binary;
using System.Globalization;

namespace SearchEngine.Storage;

/// <summary>One file of the log: a header of 64 bytes, then frames. Its name and header carry the address of its first frame.</summary>
internal sealed class WriteLogSegment : IDisposable
{
    public const int HeaderBytes = 64;
    public const int FormatVersion = 1;
    private const ulong Magic = 0x474F4C4952574553; // "SEWRILOG"
    private const int SmallWriteBytes = 64 << 10;
    private static readonly byte[] Zeros = new byte[1 << 20];

    private readonly (ulong Device, ulong Number)? _identity;
    private long _fileEnd;

    private const string Prefix = "write-";
    private const string Suffix = ".log";

    private WriteLogSegment(StorageFile file, long baseAddress)
    {
        File = file;
        BaseAddress = baseAddress;
        _fileEnd = baseAddress;
        _identity = NativeFile.IdentityOf(file.Path);
    }

    public StorageFile File { get; }

    public long BaseAddress { get; }

    public string Path => File.Path;

    /// <summary>The address after the last byte of the file.</summary>
    public long FileEndAddress => BaseAddress + Math.Max(0, File.Length - HeaderBytes);

    public static string PathOf(string directory, long baseAddress) =>
        System.IO.Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{baseAddress:D20}{Suffix}"));

    /// <summary>
    /// Whether the file's name still leads to it: what is written to a file that was removed, or whose folder was replaced, is lost.
    /// </summary>
    public bool IsInPlace => _identity is { } identity ? NativeFile.IdentityOf(Path) == identity : System.IO.File.Exists(Path);

    /// <summary>The segments in a directory by base address, from their names.</summary>
    public static List<(long BaseAddress, string Path)> List(string directory)
    {
        var result = new List<(long BaseAddress, string Path)>();
        foreach (var path in Directory.EnumerateFiles(directory, Prefix + "*" + Suffix))
        {
            var name = System.IO.Path.GetFileName(path.AsSpan());
            if (long.TryParse(name[Prefix.Length..^Suffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var address))
                result.Add((address, path));
            else
                throw new StorageCorruptionException($"'{path}' is not the name of a write log file.", path);
        }

        result.Sort();
        return result;
    }

    /// <summary>Creates the file so that it never exists without a whole header.</summary>
    public static WriteLogSegment Create(string directory, long baseAddress, StorageDisk disk)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        header.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], FormatVersion);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], baseAddress);
        BinaryPrimitives.WriteUInt32LittleEndian(header[60..], Checksum.Compute(header[..60]));
        var path = PathOf(directory, baseAddress);
        AtomicFile.Write(path, header, disk);
        return new WriteLogSegment(disk.Open(path, FileMode.Open, FileAccess.ReadWrite), baseAddress);
    }

    public static WriteLogSegment Open(string path, long baseAddress, StorageDisk disk)
    {
        var file = disk.Open(path, FileMode.Open, FileAccess.ReadWrite);
        try
        {
            Span<byte> header = stackalloc byte[HeaderBytes];
            if (file.Read(header, 0) < HeaderBytes)
                throw new StorageCorruptionException($"The write log file '{path}' is shorter than its header.", path, baseAddress);
            if (BinaryPrimitives.ReadUInt64LittleEndian(header) != Magic)
                throw new StorageCorruptionException($"'{path}' is not a write log file, or its header is damaged.", path, baseAddress);
            var sound = BinaryPrimitives.ReadUInt32LittleEndian(header[60..]) == Checksum.Compute(header[..60]);
            var version = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
            if (sound && version > FormatVersion)
                throw new UnsupportedFormatVersionException(path, version, FormatVersion);
            if (!sound || BinaryPrimitives.ReadInt64LittleEndian(header[16..]) != baseAddress)
                throw new StorageCorruptionException($"The header of the write log file '{path}' is damaged.", path, baseAddress);
            return new WriteLogSegment(file, baseAddress);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes frames. <paramref name="limit"/> is the address up to which zeros may be laid ahead of small writes.</summary>
    public void Write(ReadOnlySpan<byte> frames, long address, long limit)
    {
        var end = address + frames.Length;
        if (end > _fileEnd)
        {
            if (frames.Length <= SmallWriteBytes && end < limit)
            {
                // Zeros first: a file that does not grow is forced to the disk without its metadata, in half the time.
                var zeros = (int)Math.Min(Zeros.Length, limit - end);
                File.Write(Zeros.AsSpan(0, zeros), HeaderBytes + (end - BaseAddress));
                end += zeros;
            }

            _fileEnd = end;
        }

        File.Write(frames, HeaderBytes + (address - BaseAddress));
    }

    /// <summary>Takes the zeros after the last frame away and forces the file to the disk.</summary>
    public void Seal(long endAddress)
    {
        var length = HeaderBytes + (endAddress - BaseAddress);
        if (File.Length > length)
            File.SetLength(length);
        _fileEnd = endAddress;
        File.Flush();
    }

    /// <summary>Copies the frames before <paramref name="endAddress"/> into another file, forced to the disk there.</summary>
    public void CopyTo(StorageDisk disk, string path, long endAddress) => File.CopyTo(disk, path, HeaderBytes + (endAddress - BaseAddress));

    public int Read(Span<byte> data, long address) => File.Read(data, HeaderBytes + (address - BaseAddress));

    public void Dispose() => File.Dispose();
}
