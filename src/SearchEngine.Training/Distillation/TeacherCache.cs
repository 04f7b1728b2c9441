using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;

namespace SearchEngine.Training.Distillation;

/// <summary>
/// A teacher's vectors on disk as float16, found by the hash of the text. Append-only: a header, then blocks with a checksum each, so that
/// an interrupted
/// write costs the last block and a later run goes on from there. About twice the dimension plus 16 bytes a text. Reads may come from
/// several threads
/// while nothing is added; one process at a time may add.
/// </summary>
/// <remarks>
/// Header: magic "SEDT", version, dimension, length of the teacher's identity and its UTF-8. Block: count, CRC-32 of the rest, keys (count
/// × 16 bytes),
/// vectors (count × dimension × 2 bytes). Numbers are little-endian 32-bit.
/// </remarks>
internal sealed class TeacherCache : IDisposable
{
    private const uint Magic = 0x54444553; // "SEDT"
    private const int CurrentVersion = 1;
    private const int BlockHeaderSize = 8;
    private const int LargestIdentity = 4096;

    private readonly FileStream _file;
    private readonly Dictionary<UInt128, long> _offsets = [];
    private readonly int _vectorBytes;

    private TeacherCache(string path, FileStream file, int dimension)
    {
        FilePath = path;
        _file = file;
        Dimension = dimension;
        _vectorBytes = dimension * sizeof(ushort);
    }

    /// <summary>The file.</summary>
    public string FilePath { get; }

    /// <summary>Elements of a vector.</summary>
    public int Dimension { get; }

    /// <summary>Texts it holds.</summary>
    public int Count => _offsets.Count;

    /// <summary>Opens a cache to add to, or makes one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="identity">What the vectors depend on: the teacher's fingerprint and settings.</param>
    /// <param name="dimension">Elements of its vectors.</param>
    /// <exception cref="TrainingException">The file is damaged, in use or of another teacher.</exception>
    public static TeacherCache OpenOrCreate(string path, string identity, int dimension)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var file = OpenFile(path);
        try
        {
            var cache = new TeacherCache(path, file, dimension);
            if (file.Length == 0)
                cache.WriteHeader(identity);
            else
                cache.ReadHeader(identity);
            cache.ReadBlocks();
            return cache;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>True if the text's vector is there.</summary>
    public bool Contains(UInt128 key) => _offsets.ContainsKey(key);

    /// <summary>Reads a vector.</summary>
    /// <exception cref="KeyNotFoundException">There is none of this key.</exception>
    public void Read(UInt128 key, Span<Half> vector)
    {
        var bytes = MemoryMarshal.AsBytes(vector[..Dimension]);
        var done = 0;
        while (done < bytes.Length)
        {
            var got = RandomAccess.Read(_file.SafeFileHandle, bytes[done..], _offsets[key] + done);
            if (got == 0)
                throw new TrainingException($"Teacher cache '{FilePath}' became shorter while it was read. Something else writes to it.");
            done += got;
        }
    }

    /// <summary>Appends vectors, durably once this returns.</summary>
    /// <param name="keys">Keys that are not there yet.</param>
    /// <param name="vectors">(keys, dimension) row-major, finite.</param>
    public void Append(IReadOnlyList<UInt128> keys, ReadOnlySpan<float> vectors)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(vectors.Length, keys.Count * Dimension);
        var block = new byte[BlockHeaderSize + keys.Count * (TextKey.Size + _vectorBytes)];
        for (var i = 0; i < keys.Count; i++)
            BinaryPrimitives.WriteUInt128LittleEndian(block.AsSpan(BlockHeaderSize + i * TextKey.Size), keys[i]);
        var start = BlockHeaderSize + keys.Count * TextKey.Size;
        for (var i = 0; i < vectors.Length; i++)
            BinaryPrimitives.WriteHalfLittleEndian(block.AsSpan(start + i * sizeof(ushort)), (Half)vectors[i]);
        BinaryPrimitives.WriteInt32LittleEndian(block, keys.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(4), Crc32.HashToUInt32(block.AsSpan(BlockHeaderSize)));
        var offset = _file.Length;
        _file.Position = offset;
        _file.Write(block);
        _file.Flush(flushToDisk: true);
        Index(keys, offset);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static FileStream OpenFile(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new TrainingException(
                $"Teacher cache '{path}' cannot be opened ({e.Message}). Another run may be filling it: wait for it, or set another 'cache'.",
                e
            );
        }
    }

    private void WriteHeader(string identity)
    {
        var text = Encoding.UTF8.GetBytes(identity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(text.Length, LargestIdentity);
        Span<byte> header = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], CurrentVersion);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], Dimension);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], text.Length);
        _file.Write(header);
        _file.Write(text);
        _file.Flush(flushToDisk: true);
    }

    private void ReadHeader(string identity)
    {
        Span<byte> header = stackalloc byte[16];
        if (
            _file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length
            || BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic
        )
        {
            throw new TrainingException(
                $"'{FilePath}' is no teacher cache (its first bytes are not 'SEDT'). Delete it, or set another 'cache'."
            );
        }
        var version = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        if (version != CurrentVersion)
        {
            throw new TrainingException(
                $"Teacher cache '{FilePath}' has format version {version}; this build reads version {CurrentVersion}. Delete it to make it again."
            );
        }
        var dimension = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        var length = BinaryPrimitives.ReadInt32LittleEndian(header[12..]);
        if (length is < 0 or > LargestIdentity)
            throw Damaged("its header");
        var text = new byte[length];
        if (_file.ReadAtLeast(text, length, throwOnEndOfStream: false) < length)
            throw Damaged("its header");
        var found = Encoding.UTF8.GetString(text);
        if (found != identity || dimension != Dimension)
        {
            throw new TrainingException(
                $"Teacher cache '{FilePath}' was made by another teacher or other settings ({found}, {dimension} dimensions; now {identity}, {Dimension}). Delete it, or set another 'cache'."
            );
        }
    }

    /// <summary>Indexes all whole blocks; a torn last one, of an interrupted write, is cut off.</summary>
    private void ReadBlocks()
    {
        var start = _file.Position;
        Span<byte> header = stackalloc byte[BlockHeaderSize];
        while (start < _file.Length)
        {
            _file.Position = start;
            if (_file.ReadAtLeast(header, BlockHeaderSize, throwOnEndOfStream: false) < BlockHeaderSize)
                break;
            var count = BinaryPrimitives.ReadInt32LittleEndian(header);
            var size = (long)count * (TextKey.Size + _vectorBytes);
            if (count <= 0 || size > Array.MaxLength)
                throw Damaged($"the block at byte {start}");
            if (start + BlockHeaderSize + size > _file.Length)
                break;
            var body = new byte[size];
            _file.ReadExactly(body);
            if (Crc32.HashToUInt32(body) != BinaryPrimitives.ReadUInt32LittleEndian(header[4..]))
                throw Damaged($"the block at byte {start}");
            var keys = new UInt128[count];
            for (var i = 0; i < count; i++)
                keys[i] = BinaryPrimitives.ReadUInt128LittleEndian(body.AsSpan(i * TextKey.Size));
            Index(keys, start);
            start += BlockHeaderSize + size;
        }

        if (start < _file.Length)
            _file.SetLength(start);
    }

    private void Index(IReadOnlyList<UInt128> keys, long blockStart)
    {
        var vectors = blockStart + BlockHeaderSize + (long)keys.Count * TextKey.Size;
        for (var i = 0; i < keys.Count; i++)
            _offsets[keys[i]] = vectors + (long)i * _vectorBytes;
    }

    private TrainingException Damaged(string what) =>
        new($"Teacher cache '{FilePath}' is damaged: {what} does not match its checksum. Delete the file to compute its vectors again.");
}
