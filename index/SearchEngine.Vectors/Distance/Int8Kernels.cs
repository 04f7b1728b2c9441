using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SearchEngine.Vectors.Distance;

/// <summary>
/// Inner products of signed 8-bit codes. The x86 instruction for bytes (vpmaddubsw) multiplies unsigned by signed and adds pairs with
/// 16-bit saturation. The query is therefore held as |q| (0…127) and a sign mask m (0 or -1): with m = -1 on negative components,
/// Σ q·c = Σ |q|·(c xor m) + Σ_{q&lt;0} |q|, because c xor -1 = -c - 1. A pair is at most 2 · 127 · 128 = 32,512, so nothing saturates and
/// the
/// result is exact for codes in -128…127. Rows are whole multiples of 64 bytes, padded with zeros.
/// </summary>
internal static unsafe class Int8Kernels
{
    /// <summary>
    /// Writes Σ |q|·(c xor m) for each of <paramref name="count"/> rows of <paramref name="bytes"/> bytes; the caller adds the constant
    /// Σ_{q&lt;0} |q|.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dot(byte* magnitude, byte* sign, byte** rows, int count, int bytes, int* result)
    {
        var i = 0;
        if (Avx512BW.IsSupported)
        {
            for (; i + 4 <= count; i += 4)
                Dot4Avx512(magnitude, sign, rows[i], rows[i + 1], rows[i + 2], rows[i + 3], bytes, result + i);
            for (; i < count; i++)
                result[i] = Dot1Avx512(magnitude, sign, rows[i], bytes);
        }
        else if (Avx2.IsSupported)
        {
            for (; i + 4 <= count; i += 4)
                Dot4Avx2(magnitude, sign, rows[i], rows[i + 1], rows[i + 2], rows[i + 3], bytes, result + i);
            for (; i < count; i++)
                result[i] = Dot1Avx2(magnitude, sign, rows[i], bytes);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            for (; i < count; i++)
                result[i] = Dot1Vector128(magnitude, sign, rows[i], bytes);
        }
        else
        {
            for (; i < count; i++)
                result[i] = Dot1Scalar(magnitude, sign, rows[i], bytes);
        }
    }

    /// <summary>Splits signed codes (-127…127) into magnitude and sign mask and returns Σ_{q&lt;0} |q|.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Prepare(sbyte* codes, int bytes, byte* magnitude, byte* sign)
    {
        var correction = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            Vector128<ushort> sums = default;
            Vector128<uint> total = default;
            for (var i = 0; i < bytes; i += 16)
            {
                var c = Vector128.Load(codes + i);
                var m = Vector128.LessThan(c, Vector128<sbyte>.Zero);
                var a = (c ^ m) - m;
                a.AsByte().Store(magnitude + i);
                m.AsByte().Store(sign + i);
                (var low, var high) = Vector128.Widen((a & m).AsByte());
                sums = low + high;
                (var l, var h) = Vector128.Widen(sums);
                total += l + h;
            }
            return (int)Vector128.Sum(total);
        }
        for (var i = 0; i < bytes; i++)
        {
            int c = codes[i];
            magnitude[i] = (byte)Math.Abs(c);
            sign[i] = (byte)(c < 0 ? 0xFF : 0);
            correction += c < 0 ? -c : 0;
        }
        return correction;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Dot4Avx512(byte* magnitude, byte* sign, byte* r0, byte* r1, byte* r2, byte* r3, int bytes, int* result)
    {
        var ones = Vector512.Create((short)1);
        Vector512<int> s0 = default,
            s1 = default,
            s2 = default,
            s3 = default;
        for (var i = 0; i < bytes; i += 64)
        {
            var a = Avx512BW.LoadVector512(magnitude + i);
            var m = Avx512BW.LoadVector512(sign + i);
            s0 = Avx512F.Add(
                s0,
                Avx512BW.MultiplyAddAdjacent(
                    Avx512BW.MultiplyAddAdjacent(a, Avx512F.Xor(m, Avx512BW.LoadVector512(r0 + i)).AsSByte()),
                    ones
                )
            );
            s1 = Avx512F.Add(
                s1,
                Avx512BW.MultiplyAddAdjacent(
                    Avx512BW.MultiplyAddAdjacent(a, Avx512F.Xor(m, Avx512BW.LoadVector512(r1 + i)).AsSByte()),
                    ones
                )
            );
            s2 = Avx512F.Add(
                s2,
                Avx512BW.MultiplyAddAdjacent(
                    Avx512BW.MultiplyAddAdjacent(a, Avx512F.Xor(m, Avx512BW.LoadVector512(r2 + i)).AsSByte()),
                    ones
                )
            );
            s3 = Avx512F.Add(
                s3,
                Avx512BW.MultiplyAddAdjacent(
                    Avx512BW.MultiplyAddAdjacent(a, Avx512F.Xor(m, Avx512BW.LoadVector512(r3 + i)).AsSByte()),
                    ones
                )
            );
        }
        Reduce4(
            s0.GetLower() + s0.GetUpper(),
            s1.GetLower() + s1.GetUpper(),
            s2.GetLower() + s2.GetUpper(),
            s3.GetLower() + s3.GetUpper(),
            result
        );
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Dot1Avx512(byte* magnitude, byte* sign, byte* row, int bytes)
    {
        var ones = Vector512.Create((short)1);
        Vector512<int> s = default;
        for (var i = 0; i < bytes; i += 64)
        {
            var c = Avx512F.Xor(Avx512BW.LoadVector512(sign + i), Avx512BW.LoadVector512(row + i)).AsSByte();
            s = Avx512F.Add(s, Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(Avx512BW.LoadVector512(magnitude + i), c), ones));
        }
        return Vector256.Sum(s.GetLower() + s.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Dot4Avx2(byte* magnitude, byte* sign, byte* r0, byte* r1, byte* r2, byte* r3, int bytes, int* result)
    {
        var ones = Vector256.Create((short)1);
        Vector256<int> s0 = default,
            s1 = default,
            s2 = default,
            s3 = default;
        for (var i = 0; i < bytes; i += 32)
        {
            var a = Avx.LoadVector256(magnitude + i);
            var m = Avx.LoadVector256(sign + i);
            s0 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(a, (m ^ Avx.LoadVector256(r0 + i)).AsSByte()), ones);
            s1 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(a, (m ^ Avx.LoadVector256(r1 + i)).AsSByte()), ones);
            s2 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(a, (m ^ Avx.LoadVector256(r2 + i)).AsSByte()), ones);
            s3 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(a, (m ^ Avx.LoadVector256(r3 + i)).AsSByte()), ones);
        }
        Reduce4(s0, s1, s2, s3, result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Dot1Avx2(byte* magnitude, byte* sign, byte* row, int bytes)
    {
        var ones = Vector256.Create((short)1);
        Vector256<int> s = default;
        for (var i = 0; i < bytes; i += 32)
        {
            var c = (Avx.LoadVector256(sign + i) ^ Avx.LoadVector256(row + i)).AsSByte();
            s += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Avx.LoadVector256(magnitude + i), c), ones);
        }
        return Vector256.Sum(s);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Reduce4(Vector256<int> s0, Vector256<int> s1, Vector256<int> s2, Vector256<int> s3, int* result)
    {
        var sums = Avx2.HorizontalAdd(Avx2.HorizontalAdd(s0, s1), Avx2.HorizontalAdd(s2, s3));
        (sums.GetLower() + sums.GetUpper()).Store(result);
    }

    internal static int Dot1Vector128(byte* magnitude, byte* sign, byte* row, int bytes)
    {
        Vector128<int> sum = default;
        for (var i = 0; i < bytes; i += 16)
        {
            var c = (Vector128.Load(sign + i) ^ Vector128.Load(row + i)).AsSByte();
            var a = Vector128.Load(magnitude + i).AsSByte();
            (var c0, var c1) = Vector128.Widen(c);
            (var a0, var a1) = Vector128.Widen(a);
            // Each product is at most 127 · 128 = 16,256: the 16-bit product is exact, its pair sum is taken in 32 bits.
            (var p0, var p1) = Vector128.Widen(c0 * a0);
            (var p2, var p3) = Vector128.Widen(c1 * a1);
            sum += (p0 + p1) + (p2 + p3);
        }
        return Vector128.Sum(sum);
    }

    internal static int Dot1Scalar(byte* magnitude, byte* sign, byte* row, int bytes)
    {
        var sum = 0;
        for (var i = 0; i < bytes; i++)
            sum += magnitude[i] * (sbyte)(row[i] ^ sign[i]);
        return sum;
    }
}
