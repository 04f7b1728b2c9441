using System.Buffers.Binary;

namespace SearchEngine.Storage;

/// <summary>
/// The layout of keys and values inside FASTER (little endian).
/// Key: kind u8 (0 record, 1 part of a long value), space u8, then the caller's key; for a part: sequence i64, number i32.
/// Value: CRC-32C u32 of everything after it and of the key, flags u8, three zeros, sequence i64, payload.
/// The sequence counts all changes of the store: of two records with one key the larger is the newer. Compaction keeps it.
/// Payload of a long value: total length i64, number of parts i32; the parts lie under keys with the same sequence.
/// </summary>
internal static class RecordCodec
{
    public const int KeyPrefixBytes = 2;
    public const int MaxKeyBytes = 4096;
    public const int HeaderBytes = 16;
    public const int LongPayloadBytes = 12;
    public const int PartKeyBytes = KeyPrefixBytes + 12;
    public const byte RecordKind = 0;
    public const byte PartKind = 1;
    public const byte DeletedFlag = 1;
    public const byte LongFlag = 2;

    public static int WriteKey(Span<byte> target, byte space, ReadOnlySpan<byte> key)
    {
        target[0] = RecordKind;
        target[1] = space;
        key.CopyTo(target[KeyPrefixBytes..]);
        return KeyPrefixBytes + key.Length;
    }

    public static void WritePartKey(Span<byte> target, byte space, long sequence, int number)
    {
        target[0] = PartKind;
        target[1] = space;
        BinaryPrimitives.WriteInt64LittleEndian(target[2..], sequence);
        BinaryPrimitives.WriteInt32LittleEndian(target[10..], number);
    }

    /// <summary>Writes header and payload; <paramref name="target"/> has exactly <see cref="HeaderBytes"/> more than the payload.</summary>
    public static void WriteValue(Span<byte> target, ReadOnlySpan<byte> key, byte flags, long sequence, ReadOnlySpan<byte> payload)
    {
        target[..HeaderBytes].Clear();
        target[4] = flags;
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], sequence);
        payload.CopyTo(target[HeaderBytes..]);
        BinaryPrimitives.WriteUInt32LittleEndian(target, Checksum.Compute(target[4..], key));
    }

    public static bool IsSound(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        value.Length >= HeaderBytes && BinaryPrimitives.ReadUInt32LittleEndian(value) == Checksum.Compute(value[4..], key);

    public static byte Flags(ReadOnlySpan<byte> value) => value[4];

    public static long Sequence(ReadOnlySpan<byte> value) => BinaryPrimitives.ReadInt64LittleEndian(value[8..]);

    public static ReadOnlySpan<byte> Payload(ReadOnlySpan<byte> value) => value[HeaderBytes..];

    public static (long Length, int Parts) LongValue(ReadOnlySpan<byte> value) =>
        (BinaryPrimitives.ReadInt64LittleEndian(value[HeaderBytes..]), BinaryPrimitives.ReadInt32LittleEndian(value[(HeaderBytes + 8)..]));
}
