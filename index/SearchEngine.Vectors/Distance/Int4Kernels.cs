using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SearchEngine.Vectors.Distance;

/// <summary>
/// Inner products of unsigned 4-bit codes with signed 8-bit queries. Rows are blocks of 64 bytes for 128 components: the low nibble of byte
/// i
/// is component i, the high nibble component 64 + i; queries are laid out in the same order, one byte each. A pair of products is at most
/// 2 · 15 · 127 = 3,810, so eight of them add up in 16 bits before they are widened.
/// </summary>
internal static unsafe class Int4Kernels
{
    public const int BlockBytes = 64;
    public const int BlockComponents = 128;

    // Blocks whose sums fit 16 bits: two products of a pair per block, 8 · 3,810 < 32,768.
    private const int BlocksPerWidening = 4;

    public static void Dot(sbyte* query, byte** rows, int count, int bytes, int* result)
    {
        var i = 0;
        if (Avx512BW.IsSupported)
        {
            for (; i + 2 <= count; i += 2)
                Dot2Avx512(query, rows[i], rows[i + 1], bytes, result + i);
            for (; i < count; i++)
                result[i] = Dot1Avx512(query, rows[i], bytes);
        }
        else if (Avx2.IsSupported)
        {
            for (; i < count; i++)
                result[i] = Dot1Avx2(query, rows[i], bytes);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            for (; i < count; i++)
                result[i] = Dot1Vector128(query, rows[i], bytes);
        }
        else
        {
            for (; i < count; i++)
                result[i] = Dot1Scalar(query, rows[i], bytes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Block512(Vector512<byte> code, Vector512<sbyte> low, Vector512<sbyte> high)
    {
        var mask = Vector512.Create((byte)0x0F);
        var upper = Avx512F.And(Avx512BW.ShiftRightLogical(code.AsUInt16(), 4).AsByte(), mask);
        return Avx512BW.Add(Avx512BW.MultiplyAddAdjacent(Avx512F.And(code, mask), low), Avx512BW.MultiplyAddAdjacent(upper, high));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Dot2Avx512(sbyte* query, byte* r0, byte* r1, int bytes, int* result)
    {
        var ones = Vector512.Create((short)1);
        Vector512<int> s0 = default,
            s1 = default;
        for (var i = 0; i < bytes; )
        {
            Vector512<short> t0 = default,
                t1 = default;
            var end = Math.Min(bytes, i + BlocksPerWidening * BlockBytes);
            for (; i < end; i += BlockBytes)
            {
                Vector512<sbyte> low = Avx512BW.LoadVector512(query + 2 * i),
                    high = Avx512BW.LoadVector512(query + 2 * i + 64);
                t0 = Avx512BW.Add(t0, Block512(Avx512BW.LoadVector512(r0 + i), low, high));
                t1 = Avx512BW.Add(t1, Block512(Avx512BW.LoadVector512(r1 + i), low, high));
            }
            s0 = Avx512F.Add(s0, Avx512BW.MultiplyAddAdjacent(t0, ones));
            s1 = Avx512F.Add(s1, Avx512BW.MultiplyAddAdjacent(t1, ones));
        }
        result[0] = Vector256.Sum(s0.GetLower() + s0.GetUpper());
        result[1] = Vector256.Sum(s1.GetLower() + s1.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Dot1Avx512(sbyte* query, byte* row, int bytes)
    {
        Vector512<int> s = default;
        for (var i = 0; i < bytes; )
        {
            Vector512<short> t = default;
            var end = Math.Min(bytes, i + BlocksPerWidening * BlockBytes);
            for (; i < end; i += BlockBytes)
            {
                t = Avx512BW.Add(
                    t,
                    Block512(
                        Avx512BW.LoadVector512(row + i),
                        Avx512BW.LoadVector512(query + 2 * i),
                        Avx512BW.LoadVector512(query + 2 * i + 64)
                    )
                );
            }
            s = Avx512F.Add(s, Avx512BW.MultiplyAddAdjacent(t, Vector512.Create((short)1)));
        }
        return Vector256.Sum(s.GetLower() + s.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Dot1Avx2(sbyte* query, byte* row, int bytes)
    {
        var mask = Vector256.Create((byte)0x0F);
        var ones = Vector256.Create((short)1);
        Vector256<int> s = default;
        for (var i = 0; i < bytes; i += BlockBytes)
        {
            Vector256<short> t = default;
            for (var half = 0; half < 64; half += 32)
            {
                var code = Avx.LoadVector256(row + i + half);
                var upper = Avx2.ShiftRightLogical(code.AsUInt16(), 4).AsByte() & mask;
                t += Avx2.MultiplyAddAdjacent(code & mask, Avx.LoadVector256(query + 2 * i + half));
                t += Avx2.MultiplyAddAdjacent(upper, Avx.LoadVector256(query + 2 * i + 64 + half));
            }
            s += Avx2.MultiplyAddAdjacent(t, ones);
        }
        return Vector256.Sum(s);
    }

    private static int Dot1Vector128(sbyte* query, byte* row, int bytes)
    {
        var mask = Vector128.Create((byte)0x0F);
        Vector128<int> s = default;
        for (var i = 0; i < bytes; i += BlockBytes)
        {
            Vector128<short> t = default;
            for (var part = 0; part < 64; part += 16)
            {
                var code = Vector128.Load(row + i + part);
                Vector128<sbyte> lower = (code & mask).AsSByte(),
                    upper = Vector128.ShiftRightLogical(code, 4).AsSByte();
                Vector128<sbyte> low = Vector128.Load(query + 2 * i + part),
                    high = Vector128.Load(query + 2 * i + 64 + part);
                // Eight products of at most 1,905 per lane: no overflow in 16 bits within a block.
                t += Vector128.WidenLower(lower) * Vector128.WidenLower(low) + Vector128.WidenUpper(lower) * Vector128.WidenUpper(low);
                t += Vector128.WidenLower(upper) * Vector128.WidenLower(high) + Vector128.WidenUpper(upper) * Vector128.WidenUpper(high);
            }
            s += Vector128.WidenLower(t) + Vector128.WidenUpper(t);
        }
        return Vector128.Sum(s);
    }

    internal static int Dot1Scalar(sbyte* query, byte* row, int bytes)
    {
        var sum = 0;
        for (var i = 0; i < bytes; i++)
        {
            int block = i / BlockBytes * BlockComponents,
                at = i % BlockBytes;
            sum += (row[i] & 15) * query[block + at] + (row[i] >> 4) * query[block + 64 + at];
        }
        return sum;
    }
}
