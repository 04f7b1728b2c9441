using System.Buffers.Binary;
using System.Globalization;
using SearchEngine.Storage.Records;

namespace SearchEngine.Storage;

/// <summary>
/// One file of a <see cref="RecordDevice"/> and the sums of its blocks, which lie in a second file (name + ".sums"):
/// magic u64, format version u32, CRC-32C u32 of the first 12 bytes, then a u32 for each block.
/// </summary>
internal sealed class RecordSegment(string path, StorageDisk disk) : IDisposable
{
    private const ulong Magic = 0x534D55534B4C4253;
    private const int HeaderBytes = 16;
    private const int FormatVersion = 1;
    private const string SumsSuffix = ".sums";

    private readonly Lock _lock = new();
    private uint[]? _sums;
    private int _dirtyFrom = int.MaxValue;
    private int _dirtyTo = -1;
    private bool _unsynced;
    private bool _created;

    public string Path { get; } = path;

    /// <summary>What of it the disk refused.</summary>
    public UnwrittenBlocks Unwritten { get; } = new();

    public StorageFile? File { get; private set; }

    public static string SumsPath(string path) => path + SumsSuffix;

    /// <summary>The segments of a device on disk: number and path.</summary>
    public static List<(int Id, string Path)> List(string devicePath)
    {
        var result = new List<(int, string)>();
        var directory = System.IO.Path.GetDirectoryName(devicePath)!;
        var name = System.IO.Path.GetFileName(devicePath) + ".";
        foreach (var file in Directory.EnumerateFiles(directory, name + "*"))
        {
            if (
                int.TryParse(
                    System.IO.Path.GetFileName(file.AsSpan())[name.Length..],
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var id
                )
            )
            {
                result.Add((id, file));
            }
        }

        return result;
    }

    public StorageFile OpenFile()
    {
        lock (_lock)
        {
            if (File is not null)
                return File;
            _created |= !System.IO.File.Exists(Path);
            return File = disk.Open(Path, FileMode.OpenOrCreate, FileAccess.ReadWrite);
        }
    }

    public StorageFile? OpenExistingFile() => File ?? (System.IO.File.Exists(Path) ? OpenFile() : null);

    public uint GetSum(int block)
    {
        var sums = Volatile.Read(ref _sums) ?? LoadSums();
        return block < sums.Length ? Volatile.Read(ref sums[block]) : 0;
    }

    public void SetSum(int block, uint sum)
    {
        lock (_lock)
        {
            var sums = Extend(block + 1);
            Volatile.Write(ref sums[block], sum);
            _dirtyFrom = Math.Min(_dirtyFrom, block);
            _dirtyTo = Math.Max(_dirtyTo, block);
            _unsynced = true;
        }
    }

    /// <summary>Forgets the sums from <paramref name="firstBlock"/> on and sets that one: later ones are of a run that crashed.</summary>
    public void RestoreSums(int firstBlock, uint sum)
    {
        lock (_lock)
        {
            var sums = _sums ?? LoadSums();
            if (firstBlock < sums.Length)
                sums.AsSpan(firstBlock).Clear();
            if (sum == 0)
                return;
            sums = Extend(firstBlock + 1);
            sums[firstBlock] = sum;
        }
    }

    /// <summary>Writes changed sums and forces both files to the disk; returns whether names were created.</summary>
    public bool Flush()
    {
        int from;
        byte[] changed;
        bool created;
        lock (_lock)
        {
            if (!_unsynced)
                return false;
            from = _dirtyFrom;
            changed = new byte[Math.Max(0, _dirtyTo - from + 1) * sizeof(uint)];
            for (var i = 0; i < changed.Length / sizeof(uint); i++)
                BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan(i * sizeof(uint)), _sums![from + i]);
            _dirtyFrom = int.MaxValue;
            _dirtyTo = -1;
            _unsynced = false;
            created = _created;
            _created = false;
        }

        File!.Flush();
        using var sums = disk.Open(SumsPath(Path), FileMode.OpenOrCreate, FileAccess.ReadWrite);
        if (sums.Length < HeaderBytes)
        {
            Span<byte> header = stackalloc byte[HeaderBytes];
            BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
            BinaryPrimitives.WriteInt32LittleEndian(header[8..], FormatVersion);
            BinaryPrimitives.WriteUInt32LittleEndian(header[12..], Checksum.Compute(header[..12]));
            sums.Write(header, 0);
            created = true;
        }

        sums.Write(changed, HeaderBytes + (long)from * sizeof(uint));
        sums.Flush();
        return created;
    }

    public void Dispose() => File?.Dispose();

    private uint[] Extend(int blocks)
    {
        var sums = _sums ?? LoadSums();
        if (sums.Length >= blocks)
            return sums;
        Array.Resize(ref sums, Math.Max(blocks, sums.Length * 2));
        Volatile.Write(ref _sums, sums);
        return sums;
    }

    private uint[] LoadSums()
    {
        lock (_lock)
        {
            if (_sums is not null)
                return _sums;
            var path = SumsPath(Path);
            var sums = new uint[256];
            if (System.IO.File.Exists(path))
            {
                using var file = disk.Open(path, FileMode.Open, FileAccess.Read);
                var content = new byte[file.Length];
                var count = file.Read(content, 0);
                if (
                    count < HeaderBytes
                    || BinaryPrimitives.ReadUInt64LittleEndian(content) != Magic
                    || BinaryPrimitives.ReadUInt32LittleEndian(content.AsSpan(12)) != Checksum.Compute(content.AsSpan(0, 12))
                )
                {
                    throw new StorageCorruptionException($"The header of the checksum file '{path}' is damaged.", path);
                }
                var version = BinaryPrimitives.ReadInt32LittleEndian(content.AsSpan(8));
                if (version > FormatVersion)
                    throw new UnsupportedFormatVersionException(path, version, FormatVersion);
                sums = new uint[Math.Max(256, (count - HeaderBytes) / sizeof(uint))];
                for (var i = 0; i < (count - HeaderBytes) / sizeof(uint); i++)
                    sums[i] = BinaryPrimitives.ReadUInt32LittleEndian(content.AsSpan(HeaderBytes + i * sizeof(uint)));
            }

            Volatile.Write(ref _sums, sums);
            return sums;
        }
    }
}
