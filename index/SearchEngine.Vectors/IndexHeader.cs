using System.Buffers.Binary;

namespace SearchEngine.Vectors;

/// <summary>
/// The blob of slot -1. Little-endian: magic "SEVX", format version u16, kind u8, metric u8, quantization u8, flags u8 (1: taken at rest,
/// 2: holds
/// vectors beyond its codes), M u16, dimension i32,
/// seed i32, count i32, slots i32, entry i64, parameter length i32, parameters of the quantizer.
/// </summary>
internal readonly record struct IndexHeader(
    byte Kind,
    DistanceMetric Metric,
    VectorQuantization Quantization,
    IndexFlags Flags,
    int M,
    int Dimension,
    int Seed,
    int Count,
    int Slots,
    long Entry,
    byte[] Parameters
)
{
    public const int Slot = -1;
    public const byte FlatKind = 1;
    public const byte HnswKind = 2;
    private const uint Magic = 0x58564553;

    // 2 has pivots in slot -2, and is otherwise as 1.
    private const ushort FormatVersion = 2;
    private const ushort OldestVersion = 1;
    private const int FixedBytes = 44;

    public byte[] ToBytes()
    {
        var bytes = new byte[FixedBytes + Parameters.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), FormatVersion);
        bytes[6] = Kind;
        bytes[7] = (byte)Metric;
        bytes[8] = (byte)Quantization;
        bytes[9] = (byte)Flags;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(10), (ushort)M);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), Dimension);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), Seed);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(20), Count);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(24), Slots);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(28), Entry);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(36), Parameters.Length);
        Parameters.CopyTo(bytes, FixedBytes);
        return bytes;
    }

    public static IndexHeader Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < FixedBytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic)
            throw new VectorIndexException("The header of the stored index is damaged: it is too short or lacks the signature.", Slot);
        var version = BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]);
        if (version is < OldestVersion or > FormatVersion)
        {
            throw new VectorIndexException(
                $"The stored index has format version {version}; this build reads versions {OldestVersion} to {FormatVersion}. Use a {(version > FormatVersion ? "newer build" : "build that reads it")}.",
                Slot
            )
            {
                IsNewerVersion = version > FormatVersion,
            };
        }
        var parameters = BinaryPrimitives.ReadInt32LittleEndian(bytes[36..]);
        if (parameters != bytes.Length - FixedBytes)
            throw new VectorIndexException("The header of the stored index is damaged: its length does not agree with its content.", Slot);
        return new IndexHeader(
            bytes[6],
            (DistanceMetric)bytes[7],
            (VectorQuantization)bytes[8],
            (IndexFlags)bytes[9],
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[10..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[20..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[28..]),
            bytes[FixedBytes..].ToArray()
        );
    }

    /// <summary>Throws unless an index of these options can continue the stored one.</summary>
    public void RequireAgreement(VectorIndexOptions options)
    {
        if (Dimension != options.Dimension)
            throw new VectorIndexException($"The stored index has dimension {Dimension}, the options ask for {options.Dimension}.", Slot);
        if (Metric != options.Metric)
            throw new VectorIndexException($"The stored index has the metric {Metric}, the options ask for {options.Metric}.", Slot);
        if (Kind != HnswKind)
            return;
        if (Quantization != options.Quantization)
        {
            throw new VectorIndexException(
                $"The stored index is quantized as {Quantization}, the options ask for {options.Quantization}; build it anew to change that.",
                Slot
            );
        }
        if (M != options.M)
        {
            throw new VectorIndexException(
                $"The stored index has M = {M}, the options ask for {options.M}; build it anew to change that.",
                Slot
            );
        }
    }
}
