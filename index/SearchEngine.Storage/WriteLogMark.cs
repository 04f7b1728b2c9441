using System.Buffers.Binary;

namespace SearchEngine.Storage;

/// <summary>
/// A note of 24 bytes beside the log: everything before this address was on the disk. It is written after each fsync but not
/// itself forced to the disk, so it costs nothing and may be old after a loss of power, never ahead. After a kill it is exact:
/// damage to the last entries then cannot pass for a torn tail.
/// </summary>
internal sealed class WriteLogMark : IDisposable
{
    public const string FileName = "durable.mark";
    private const ulong Magic = 0x4B52414D49525753;
    private const int Bytes = 24;

    private readonly StorageFile _file;

    private WriteLogMark(StorageFile file) => _file = file;

    public static WriteLogMark Open(string directory, StorageDisk disk) =>
        new(disk.Open(System.IO.Path.Combine(directory, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite));

    /// <summary>The noted address, or -1 where there is none or it was torn.</summary>
    public long Read()
    {
        Span<byte> content = stackalloc byte[Bytes];
        if (_file.Read(content, 0) < Bytes || BinaryPrimitives.ReadUInt64LittleEndian(content) != Magic)
            return -1;
        return BinaryPrimitives.ReadUInt32LittleEndian(content[16..]) == Checksum.Compute(content[..16])
            ? BinaryPrimitives.ReadInt64LittleEndian(content[8..])
            : -1;
    }

    public void Write(long address)
    {
        Span<byte> content = stackalloc byte[Bytes];
        content.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(content, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(content[8..], address);
        BinaryPrimitives.WriteUInt32LittleEndian(content[16..], Checksum.Compute(content[..16]));
        _file.Write(content, 0);
    }

    public void Dispose() => _file.Dispose();
}
