using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SearchEngine.Vectors.Distance;

/// <summary>
/// Distances between two rows of 32-bit floats. One body per instruction set, chosen when the JIT compiles: AVX-512 (tested by instruction
/// set, since the width hint is off on some processors that have it), AVX2 with FMA, 128-bit vectors (SSE, NEON), scalar.
/// </summary>
internal static unsafe class FloatKernels
{
    /// <summary>⟨a, b⟩ over <paramref name="n"/> components.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Dot(float* a, float* b, int n)
    {
        var i = 0;
        float sum = 0;
        if (Avx512F.IsSupported && n >= 16)
        {
            Vector512<float> s0 = default,
                s1 = default,
                s2 = default,
                s3 = default;
            for (; i <= n - 64; i += 64)
            {
                s0 = Avx512F.FusedMultiplyAdd(Avx512F.LoadVector512(a + i), Avx512F.LoadVector512(b + i), s0);
                s1 = Avx512F.FusedMultiplyAdd(Avx512F.LoadVector512(a + i + 16), Avx512F.LoadVector512(b + i + 16), s1);
                s2 = Avx512F.FusedMultiplyAdd(Avx512F.LoadVector512(a + i + 32), Avx512F.LoadVector512(b + i + 32), s2);
                s3 = Avx512F.FusedMultiplyAdd(Avx512F.LoadVector512(a + i + 48), Avx512F.LoadVector512(b + i + 48), s3);
            }
            for (; i <= n - 16; i += 16)
                s0 = Avx512F.FusedMultiplyAdd(Avx512F.LoadVector512(a + i), Avx512F.LoadVector512(b + i), s0);
            sum = Sum(Avx512F.Add(Avx512F.Add(s0, s1), Avx512F.Add(s2, s3)));
        }
        else if (Fma.IsSupported && n >= 8)
        {
            Vector256<float> s0 = default,
                s1 = default,
                s2 = default,
                s3 = default;
            for (; i <= n - 32; i += 32)
            {
                s0 = Fma.MultiplyAdd(Avx.LoadVector256(a + i), Avx.LoadVector256(b + i), s0);
                s1 = Fma.MultiplyAdd(Avx.LoadVector256(a + i + 8), Avx.LoadVector256(b + i + 8), s1);
                s2 = Fma.MultiplyAdd(Avx.LoadVector256(a + i + 16), Avx.LoadVector256(b + i + 16), s2);
                s3 = Fma.MultiplyAdd(Avx.LoadVector256(a + i + 24), Avx.LoadVector256(b + i + 24), s3);
            }
            for (; i <= n - 8; i += 8)
                s0 = Fma.MultiplyAdd(Avx.LoadVector256(a + i), Avx.LoadVector256(b + i), s0);
            sum = Vector256.Sum((s0 + s1) + (s2 + s3));
        }
        else if (Vector128.IsHardwareAccelerated && n >= 4)
        {
            Vector128<float> s0 = default,
                s1 = default;
            for (; i <= n - 8; i += 8)
            {
                s0 = Vector128.MultiplyAddEstimate(Vector128.Load(a + i), Vector128.Load(b + i), s0);
                s1 = Vector128.MultiplyAddEstimate(Vector128.Load(a + i + 4), Vector128.Load(b + i + 4), s1);
            }
            for (; i <= n - 4; i += 4)
                s0 = Vector128.MultiplyAddEstimate(Vector128.Load(a + i), Vector128.Load(b + i), s0);
            sum = Vector128.Sum(s0 + s1);
        }
        for (; i < n; i++)
            sum += a[i] * b[i];
        return sum;
    }

    /// <summary>‖a - b‖² over <paramref name="n"/> components.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float SquaredDistance(float* a, float* b, int n)
    {
        var i = 0;
        float sum = 0;
        if (Avx512F.IsSupported && n >= 16)
        {
            Vector512<float> s0 = default,
                s1 = default;
            for (; i <= n - 32; i += 32)
            {
                var d0 = Avx512F.Subtract(Avx512F.LoadVector512(a + i), Avx512F.LoadVector512(b + i));
                var d1 = Avx512F.Subtract(Avx512F.LoadVector512(a + i + 16), Avx512F.LoadVector512(b + i + 16));
                s0 = Avx512F.FusedMultiplyAdd(d0, d0, s0);
                s1 = Avx512F.FusedMultiplyAdd(d1, d1, s1);
            }
            for (; i <= n - 16; i += 16)
            {
                var d0 = Avx512F.Subtract(Avx512F.LoadVector512(a + i), Avx512F.LoadVector512(b + i));
                s0 = Avx512F.FusedMultiplyAdd(d0, d0, s0);
            }
            sum = Sum(Avx512F.Add(s0, s1));
        }
        else if (Fma.IsSupported && n >= 8)
        {
            Vector256<float> s0 = default,
                s1 = default;
            for (; i <= n - 16; i += 16)
            {
                var d0 = Avx.LoadVector256(a + i) - Avx.LoadVector256(b + i);
                var d1 = Avx.LoadVector256(a + i + 8) - Avx.LoadVector256(b + i + 8);
                s0 = Fma.MultiplyAdd(d0, d0, s0);
                s1 = Fma.MultiplyAdd(d1, d1, s1);
            }
            for (; i <= n - 8; i += 8)
            {
                var d0 = Avx.LoadVector256(a + i) - Avx.LoadVector256(b + i);
                s0 = Fma.MultiplyAdd(d0, d0, s0);
            }
            sum = Vector256.Sum(s0 + s1);
        }
        else if (Vector128.IsHardwareAccelerated && n >= 4)
        {
            Vector128<float> s0 = default;
            for (; i <= n - 4; i += 4)
            {
                var d0 = Vector128.Load(a + i) - Vector128.Load(b + i);
                s0 = Vector128.MultiplyAddEstimate(d0, d0, s0);
            }
            sum = Vector128.Sum(s0);
        }
        for (; i < n; i++)
        {
            var d = a[i] - b[i];
            sum += d * d;
        }
        return sum;
    }

    /// <summary>‖a - b‖₁ over <paramref name="n"/> components.</summary>
    public static float AbsoluteDistance(float* a, float* b, int n)
    {
        var i = 0;
        float sum = 0;
        if (Avx512F.IsSupported && n >= 16)
        {
            Vector512<float> s0 = default;
            for (; i <= n - 16; i += 16)
                s0 = Avx512F.Add(s0, Vector512.Abs(Avx512F.Subtract(Avx512F.LoadVector512(a + i), Avx512F.LoadVector512(b + i))));
            sum = Sum(s0);
        }
        else if (Vector128.IsHardwareAccelerated && n >= 4)
        {
            Vector128<float> s0 = default;
            for (; i <= n - 4; i += 4)
                s0 += Vector128.Abs(Vector128.Load(a + i) - Vector128.Load(b + i));
            sum = Vector128.Sum(s0);
        }
        for (; i < n; i++)
            sum += MathF.Abs(a[i] - b[i]);
        return sum;
    }

    /// <summary>The number of components that differ.</summary>
    public static float DifferingCount(float* a, float* b, int n) =>
        TensorPrimitives.HammingDistance(new ReadOnlySpan<float>(a, n), new ReadOnlySpan<float>(b, n));

    /// <summary>Whether every component is finite.</summary>
    public static bool IsFinite(ReadOnlySpan<float> vector) => TensorPrimitives.IsFiniteAll(vector);

    /// <summary>
    /// Writes <paramref name="vector"/> divided by its length; the length is computed in double precision so that neither huge nor tiny
    /// components spoil it.
    /// </summary>
    public static void Normalize(ReadOnlySpan<float> vector, float* destination)
    {
        var norm = TensorPrimitives.Norm(vector);
        if (norm is > 1e-15f and < 1e15f)
        {
            TensorPrimitives.Multiply(vector, 1 / norm, new Span<float>(destination, vector.Length));
            return;
        }
        double sum = 0;
        foreach (var x in vector)
            sum += (double)x * x;
        var scale = 1 / Math.Sqrt(sum);
        for (var i = 0; i < vector.Length; i++)
            destination[i] = (float)(vector[i] * scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Sum(Vector512<float> v) => Vector256.Sum(v.GetLower() + v.GetUpper());
}
