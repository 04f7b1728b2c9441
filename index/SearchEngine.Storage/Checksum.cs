using System.Buffers.Binary;
using System.Numerics;

namespace SearchEngine.Storage;

/// <summary>
/// CRC-32C (Castagnoli polynomial, RFC 3720 appendix B.4), with the processor's instruction where there is one.
/// Every stored byte of this library is under one such sum.
/// </summary>
public static class Checksum
{
    /// <summary>The CRC-32C of <paramref name="data"/>.</summary>
    public static uint Compute(ReadOnlySpan<byte> data) => ~Update(uint.MaxValue, data);

    /// <summary>The CRC-32C of <paramref name="first"/> followed by <paramref name="second"/>.</summary>
    public static uint Compute(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => ~Update(Update(uint.MaxValue, first), second);

    /// <summary>The CRC-32C of the three spans one after the other.</summary>
    public static uint Compute(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third) =>
        ~Update(Update(Update(uint.MaxValue, first), second), third);

    /// <summary>
    /// Carries a running sum on: start from <see cref="uint.MaxValue"/>, and complement the last result to have the CRC-32C.
    /// </summary>
    public static uint Update(uint state, ReadOnlySpan<byte> data)
    {
        while (data.Length >= 8)
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[8..];
        }

        foreach (var value in data)
            state = BitOperations.Crc32C(state, value);
        return state;
    }
}
