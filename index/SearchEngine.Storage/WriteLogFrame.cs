using System.Buffers.Binary;

namespace SearchEngine.Storage;

/// <summary>
/// The layout of one entry in the log (little endian, aligned to 8 bytes):
/// length u32, CRC-32C u32 of everything else, address u64, durable address u64, payload, padding with zeros.
/// The address makes an entry valid at one place only. The durable address says that all entries before it were on the disk
/// when this one was written: with it, recovery can tell a torn tail (cut it) from damage in the middle (refuse).
/// </summary>
internal static class WriteLogFrame
{
    public const int HeaderBytes = 24;
    public const int Alignment = 8;

    public static int Size(int entryLength) => (HeaderBytes + entryLength + Alignment - 1) & ~(Alignment - 1);

    public static void Write(Span<byte> frame, long address, long durableAddress, ReadOnlySpan<byte> entry)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(frame, (uint)entry.Length);
        BinaryPrimitives.WriteInt64LittleEndian(frame[8..], address);
        BinaryPrimitives.WriteInt64LittleEndian(frame[16..], durableAddress);
        entry.CopyTo(frame[HeaderBytes..]);
        frame[(HeaderBytes + entry.Length)..].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], Checksum.Compute(frame[..4], frame[8..]));
    }

    /// <summary>Whether a whole, undamaged frame for <paramref name="address"/> begins the span.</summary>
    public static bool TryRead(ReadOnlySpan<byte> data, long address, out int entryLength, out long durableAddress)
    {
        entryLength = 0;
        durableAddress = 0;
        if (data.Length < HeaderBytes || BinaryPrimitives.ReadInt64LittleEndian(data[8..]) != address)
            return false;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(data);
        if (length > (uint)(data.Length - HeaderBytes))
            return false;
        var size = Size((int)length);
        if (size > data.Length)
            return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(data[4..]) != Checksum.Compute(data[..4], data[8..size]))
            return false;
        entryLength = (int)length;
        durableAddress = BinaryPrimitives.ReadInt64LittleEndian(data[16..]);
        return durableAddress <= address;
    }

    /// <summary>
    /// The length of the frame that claims to begin here, or -1: for deciding how much to read, before the checksum is known.
    /// </summary>
    public static long ClaimedSize(ReadOnlySpan<byte> header, long address)
    {
        if (BinaryPrimitives.ReadInt64LittleEndian(header[8..]) != address)
            return -1;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(header);
        return length > int.MaxValue - 2 * HeaderBytes ? -1 : Size((int)length);
    }
}
