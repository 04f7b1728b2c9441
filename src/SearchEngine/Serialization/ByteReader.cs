using System.Buffers.Binary;
using System.Text;

namespace SearchEngine;

/// <summary>Reads what <see cref="ByteWriter"/> wrote; every read is checked against the end.</summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool AtEnd => _rest.IsEmpty;

    public byte Byte() => Raw(1)[0];

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Raw(4));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Raw(8));

    public uint VarInt()
    {
        uint value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var next = Byte();
            value |= (uint)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }

        throw new FormatException("A stored integer runs past its longest form.");
    }

    public int Count()
    {
        var count = VarInt();
        if (count > _rest.Length)
            throw new FormatException("A stored length runs past the end of its record.");
        return (int)count;
    }

    public ReadOnlySpan<byte> Raw(int count)
    {
        if (count > _rest.Length)
            throw new FormatException("A stored record ends too early.");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    public ReadOnlySpan<byte> Bytes() => Raw(Count());

    public string String() => Encoding.UTF8.GetString(Bytes());
}
