using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace SearchEngine;

/// <summary>Appends primitive values to a growing buffer, little-endian. Not thread-safe.</summary>
internal sealed class ByteWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new(256);

    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    public int Length => _buffer.WrittenCount;

    public void Clear() => _buffer.ResetWrittenCount();

    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();

    public void Byte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
    }

    public void Int32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.GetSpan(4), value);
        _buffer.Advance(4);
    }

    public void Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
    }

    /// <summary>An unsigned integer in 7-bit groups, least significant first.</summary>
    public void VarInt(uint value)
    {
        while (value >= 0x80)
        {
            Byte((byte)(value | 0x80));
            value >>= 7;
        }

        Byte((byte)value);
    }

    /// <summary>Bytes without their length.</summary>
    public void Raw(ReadOnlySpan<byte> bytes) => _buffer.Write(bytes);

    /// <summary>Length, then bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        VarInt((uint)bytes.Length);
        _buffer.Write(bytes);
    }

    /// <summary>Length in bytes, then UTF-8.</summary>
    public void String(string value)
    {
        var count = Encoding.UTF8.GetByteCount(value);
        VarInt((uint)count);
        Encoding.UTF8.GetBytes(value, _buffer.GetSpan(count));
        _buffer.Advance(count);
    }
}
