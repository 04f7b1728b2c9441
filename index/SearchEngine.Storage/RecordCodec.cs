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

    /// <summary>FASTER's header of 8 bytes, two lengths of 4 and the rounding to 8.</summary>
    private const int OverheadBytes = 24;

    /// <summary>What a record takes in the log, about.</summary>
    public static int BytesInLog(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => OverheadBytes + key.Length + value.Length;

    /// <exception cref="ArgumentException">The caller's key is empty or too long.</exception>
    public static void ValidateKey(ReadOnlySpan<byte> key)
    {
        if (key.IsEmpty || key.Length > MaxKeyBytes)
            throw new ArgumentException($"A key has 1 to {MaxKeyBytes} bytes; this one has {key.Length}.", nameof(key));
    }

    /// <summary>A caller's key as it is stored, in the buffer given or, where it is too small, in one of its own.</summary>
    public static Span<byte> StoredKey(byte space, ReadOnlySpan<byte> key, Span<byte> buffer)
    {
        var target = key.Length + KeyPrefixBytes <= buffer.Length ? buffer : new byte[key.Length + KeyPrefixBytes];
        return target[..WriteKey(target, space, key)];
    }

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
