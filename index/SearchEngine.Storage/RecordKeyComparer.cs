using System.Runtime.InteropServices;
using FASTER.core;

namespace SearchEngine.Storage;

/// <summary>
/// Hashes keys by multiplying 64 × 64 bits and folding the product (the mixing step of wyhash). FASTER takes the bucket from the low
/// bits and the tag from the high ones, so both must be good. The index image on disk depends on it: changing it is a new format version.
/// </summary>
internal sealed class RecordKeyComparer : IFasterEqualityComparer<SpanByte>
{
    private const ulong First = 0xA0761D6478BD642F;
    private const ulong Second = 0xE7037ED1A0B428DB;

    public static long Hash(ReadOnlySpan<byte> key)
    {
        var state = (ulong)key.Length ^ First;
        while (key.Length >= 8)
        {
            state = Mix(state ^ MemoryMarshal.Read<ulong>(key), Second);
            key = key[8..];
        }

        ulong rest = 0;
        for (var i = 0; i < key.Length; i++)
            rest |= (ulong)key[i] << (8 * i);
        return (long)Mix(Mix(state ^ rest, Second), First);
    }

    public long GetHashCode64(ref SpanByte k) => Hash(k.AsReadOnlySpan());

    public bool Equals(ref SpanByte k1, ref SpanByte k2) => k1.AsReadOnlySpan().SequenceEqual(k2.AsReadOnlySpan());

    private static ulong Mix(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}
