using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SearchEngine.Vectors.Distance;

/// <summary>
/// Float queries against half-precision rows. A half is widened by moving its exponent and fraction into a float and multiplying by 2^112,
/// the difference of the exponent biases; finite values and subnormals come out exact. There is no F16C class in .NET.
/// </summary>
internal static unsafe class HalfKernels
{
    private const int KeepMask = unchecked((int)0x8FFFE000);
    private const float BiasShift = 5.192296858534828e33f;

    /// <summary>⟨q, row⟩ over <paramref name="n"/> components.</summary>
    public static float Dot(float* q, ushort* row, int n)
    {
        var i = 0;
        float sum = 0;
        if (Avx512F.IsSupported && n >= 16)
        {
            Vector512<float> s0 = default,
                s1 = default;
            for (; i <= n - 32; i += 32)
            {
                s0 = Avx512F.FusedMultiplyAdd(Widen512(row + i), Avx512F.LoadVector512(q + i), s0);
                s1 = Avx512F.FusedMultiplyAdd(Widen512(row + i + 16), Avx512F.LoadVector512(q + i + 16), s1);
            }
            for (; i <= n - 16; i += 16)
                s0 = Avx512F.FusedMultiplyAdd(Widen512(row + i), Avx512F.LoadVector512(q + i), s0);
            var s = Avx512F.Add(s0, s1);
            sum = Vector256.Sum(s.GetLower() + s.GetUpper());
        }
        else if (Avx2.IsSupported && Fma.IsSupported && n >= 8)
        {
            Vector256<float> s0 = default,
                s1 = default;
            for (; i <= n - 16; i += 16)
            {
                s0 = Fma.MultiplyAdd(Widen256(row + i), Avx.LoadVector256(q + i), s0);
                s1 = Fma.MultiplyAdd(Widen256(row + i + 8), Avx.LoadVector256(q + i + 8), s1);
            }
            for (; i <= n - 8; i += 8)
                s0 = Fma.MultiplyAdd(Widen256(row + i), Avx.LoadVector256(q + i), s0);
            sum = Vector256.Sum(s0 + s1);
        }
        else if (Vector128.IsHardwareAccelerated && n >= 4)
        {
            Vector128<float> s0 = default;
            for (; i <= n - 4; i += 4)
                s0 += Widen128(row + i) * Vector128.Load(q + i);
            sum = Vector128.Sum(s0);
        }
        for (; i < n; i++)
            sum += (float)BitConverter.UInt16BitsToHalf(row[i]) * q[i];
        return sum;
    }

    /// <summary>‖q - row‖² over <paramref name="n"/> components.</summary>
    public static float SquaredDistance(float* q, ushort* row, int n)
    {
        var i = 0;
        float sum = 0;
        if (Avx512F.IsSupported && n >= 16)
        {
            Vector512<float> s0 = default;
            for (; i <= n - 16; i += 16)
            {
                var d = Avx512F.Subtract(Widen512(row + i), Avx512F.LoadVector512(q + i));
                s0 = Avx512F.FusedMultiplyAdd(d, d, s0);
            }
            sum = Vector256.Sum(s0.GetLower() + s0.GetUpper());
        }
        else if (Avx2.IsSupported && Fma.IsSupported && n >= 8)
        {
            Vector256<float> s0 = default;
            for (; i <= n - 8; i += 8)
            {
                var d = Widen256(row + i) - Avx.LoadVector256(q + i);
                s0 = Fma.MultiplyAdd(d, d, s0);
            }
            sum = Vector256.Sum(s0);
        }
        else if (Vector128.IsHardwareAccelerated && n >= 4)
        {
            Vector128<float> s0 = default;
            for (; i <= n - 4; i += 4)
            {
                var d = Widen128(row + i) - Vector128.Load(q + i);
                s0 += d * d;
            }
            sum = Vector128.Sum(s0);
        }
        for (; i < n; i++)
        {
            var d = (float)BitConverter.UInt16BitsToHalf(row[i]) - q[i];
            sum += d * d;
        }
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Widen512(ushort* p)
    {
        var bits = Avx512F.ConvertToVector512Int32(Avx.LoadVector256((short*)p));
        bits = Avx512F.And(Avx512F.ShiftLeftLogical(bits, 13), Vector512.Create(KeepMask));
        return Avx512F.Multiply(bits.AsSingle(), Vector512.Create(BiasShift));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Widen256(ushort* p)
    {
        var bits = Avx2.ConvertToVector256Int32(Vector128.Load((short*)p));
        return (Avx2.ShiftLeftLogical(bits, 13) & Vector256.Create(KeepMask)).AsSingle() * Vector256.Create(BiasShift);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Widen128(ushort* p)
    {
        var bits = Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(long*)p).AsInt16());
        return (Vector128.ShiftLeft(bits, 13) & Vector128.Create(KeepMask)).AsSingle() * Vector128.Create(BiasShift);
    }
}
