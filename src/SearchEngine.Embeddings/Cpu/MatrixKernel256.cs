using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SearchEngine.Embeddings.Cpu;

namespace SearchEngine.Embeddings;

/// <summary>
/// The innermost loops of the float32 matrix product for 256-bit vectors with fused multiply-add: blocks of rows × one panel of columns
/// held in registers
/// (Goto and van de Geijn 2008). One multiply-add for each pair of a broadcast element of A and a vector of B.
/// </summary>
internal static unsafe class MatrixKernel256
{
    /// <summary>Elements of a vector: the width of a narrow panel. A wide one has three.</summary>
    public const int Lanes = 8;

    /// <inheritdoc cref="FloatKernel.Panel"/>
    public static void Panel(bool wide, float* a, nint lda, nint rows, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        if (wide)
            Panel3(a, lda, rows, b, k, c, ldc, accumulate);
        else
            Panel1(a, lda, rows, b, k, c, ldc, accumulate);
    }

    private static void Panel3(float* a, nint lda, nint rows, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        nint row = 0;
        for (; row + 4 <= rows; row += 4)
            Rows4Wide3(a + row * lda, lda, b, k, c + row * ldc, ldc, accumulate);
        for (; row + 2 <= rows; row += 2)
            Rows2Wide3(a + row * lda, lda, b, k, c + row * ldc, ldc, accumulate);
        for (; row + 1 <= rows; row += 1)
            Rows1Wide3(a + row * lda, lda, b, k, c + row * ldc, ldc, accumulate);
    }

    private static void Panel1(float* a, nint lda, nint rows, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        nint row = 0;
        for (; row + 4 <= rows; row += 4)
            Rows4Wide1(a + row * lda, lda, b, k, c + row * ldc, ldc, accumulate);
        for (; row + 2 <= rows; row += 2)
            Rows2Wide1(a + row * lda, lda, b, k, c + row * ldc, ldc, accumulate);
        for (; row + 1 <= rows; row += 1)
            Rows1Wide1(a + row * lda, lda, b, k, c + row * ldc, ldc, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows4Wide3(float* a, nint lda, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        Vector256<float> c00 = Vector256<float>.Zero,
            c01 = Vector256<float>.Zero,
            c02 = Vector256<float>.Zero;
        Vector256<float> c10 = Vector256<float>.Zero,
            c11 = Vector256<float>.Zero,
            c12 = Vector256<float>.Zero;
        Vector256<float> c20 = Vector256<float>.Zero,
            c21 = Vector256<float>.Zero,
            c22 = Vector256<float>.Zero;
        Vector256<float> c30 = Vector256<float>.Zero,
            c31 = Vector256<float>.Zero,
            c32 = Vector256<float>.Zero;
        float* a0 = a,
            a1 = a + lda,
            a2 = a + 2 * lda,
            a3 = a + 3 * lda;
        for (nint i = 0; i < k; i++, b += 24)
        {
            var b0 = Vector256.Load(b);
            var b1 = Vector256.Load(b + 8);
            var b2 = Vector256.Load(b + 16);
            var x0 = Vector256.Create(a0[i]);
            c00 = Vector256.FusedMultiplyAdd(x0, b0, c00);
            c01 = Vector256.FusedMultiplyAdd(x0, b1, c01);
            c02 = Vector256.FusedMultiplyAdd(x0, b2, c02);
            var x1 = Vector256.Create(a1[i]);
            c10 = Vector256.FusedMultiplyAdd(x1, b0, c10);
            c11 = Vector256.FusedMultiplyAdd(x1, b1, c11);
            c12 = Vector256.FusedMultiplyAdd(x1, b2, c12);
            var x2 = Vector256.Create(a2[i]);
            c20 = Vector256.FusedMultiplyAdd(x2, b0, c20);
            c21 = Vector256.FusedMultiplyAdd(x2, b1, c21);
            c22 = Vector256.FusedMultiplyAdd(x2, b2, c22);
            var x3 = Vector256.Create(a3[i]);
            c30 = Vector256.FusedMultiplyAdd(x3, b0, c30);
            c31 = Vector256.FusedMultiplyAdd(x3, b1, c31);
            c32 = Vector256.FusedMultiplyAdd(x3, b2, c32);
        }
        if (accumulate)
        {
            c00 += Vector256.Load(c);
            c01 += Vector256.Load(c + 8);
            c02 += Vector256.Load(c + 16);
            c10 += Vector256.Load(c + ldc);
            c11 += Vector256.Load(c + ldc + 8);
            c12 += Vector256.Load(c + ldc + 16);
            c20 += Vector256.Load(c + 2 * ldc);
            c21 += Vector256.Load(c + 2 * ldc + 8);
            c22 += Vector256.Load(c + 2 * ldc + 16);
            c30 += Vector256.Load(c + 3 * ldc);
            c31 += Vector256.Load(c + 3 * ldc + 8);
            c32 += Vector256.Load(c + 3 * ldc + 16);
        }
        c00.Store(c);
        c01.Store(c + 8);
        c02.Store(c + 16);
        c10.Store(c + ldc);
        c11.Store(c + ldc + 8);
        c12.Store(c + ldc + 16);
        c20.Store(c + 2 * ldc);
        c21.Store(c + 2 * ldc + 8);
        c22.Store(c + 2 * ldc + 16);
        c30.Store(c + 3 * ldc);
        c31.Store(c + 3 * ldc + 8);
        c32.Store(c + 3 * ldc + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows2Wide3(float* a, nint lda, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        Vector256<float> c00 = Vector256<float>.Zero,
            c01 = Vector256<float>.Zero,
            c02 = Vector256<float>.Zero;
        Vector256<float> c10 = Vector256<float>.Zero,
            c11 = Vector256<float>.Zero,
            c12 = Vector256<float>.Zero;
        float* a0 = a,
            a1 = a + lda;
        for (nint i = 0; i < k; i++, b += 24)
        {
            var b0 = Vector256.Load(b);
            var b1 = Vector256.Load(b + 8);
            var b2 = Vector256.Load(b + 16);
            var x0 = Vector256.Create(a0[i]);
            c00 = Vector256.FusedMultiplyAdd(x0, b0, c00);
            c01 = Vector256.FusedMultiplyAdd(x0, b1, c01);
            c02 = Vector256.FusedMultiplyAdd(x0, b2, c02);
            var x1 = Vector256.Create(a1[i]);
            c10 = Vector256.FusedMultiplyAdd(x1, b0, c10);
            c11 = Vector256.FusedMultiplyAdd(x1, b1, c11);
            c12 = Vector256.FusedMultiplyAdd(x1, b2, c12);
        }
        if (accumulate)
        {
            c00 += Vector256.Load(c);
            c01 += Vector256.Load(c + 8);
            c02 += Vector256.Load(c + 16);
            c10 += Vector256.Load(c + ldc);
            c11 += Vector256.Load(c + ldc + 8);
            c12 += Vector256.Load(c + ldc + 16);
        }
        c00.Store(c);
        c01.Store(c + 8);
        c02.Store(c + 16);
        c10.Store(c + ldc);
        c11.Store(c + ldc + 8);
        c12.Store(c + ldc + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows1Wide3(float* a, nint lda, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        Vector256<float> c00 = Vector256<float>.Zero,
            c01 = Vector256<float>.Zero,
            c02 = Vector256<float>.Zero;
        var a0 = a;
        for (nint i = 0; i < k; i++, b += 24)
        {
            var b0 = Vector256.Load(b);
            var b1 = Vector256.Load(b + 8);
            var b2 = Vector256.Load(b + 16);
            var x0 = Vector256.Create(a0[i]);
            c00 = Vector256.FusedMultiplyAdd(x0, b0, c00);
            c01 = Vector256.FusedMultiplyAdd(x0, b1, c01);
            c02 = Vector256.FusedMultiplyAdd(x0, b2, c02);
        }
        if (accumulate)
        {
            c00 += Vector256.Load(c);
            c01 += Vector256.Load(c + 8);
            c02 += Vector256.Load(c + 16);
        }
        c00.Store(c);
        c01.Store(c + 8);
        c02.Store(c + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows4Wide1(float* a, nint lda, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        var c00 = Vector256<float>.Zero;
        var c10 = Vector256<float>.Zero;
        var c20 = Vector256<float>.Zero;
        var c30 = Vector256<float>.Zero;
        float* a0 = a,
            a1 = a + lda,
            a2 = a + 2 * lda,
            a3 = a + 3 * lda;
        for (nint i = 0; i < k; i++, b += 8)
        {
            var b0 = Vector256.Load(b);
            var x0 = Vector256.Create(a0[i]);
            c00 = Vector256.FusedMultiplyAdd(x0, b0, c00);
            var x1 = Vector256.Create(a1[i]);
            c10 = Vector256.FusedMultiplyAdd(x1, b0, c10);
            var x2 = Vector256.Create(a2[i]);
            c20 = Vector256.FusedMultiplyAdd(x2, b0, c20);
            var x3 = Vector256.Create(a3[i]);
            c30 = Vector256.FusedMultiplyAdd(x3, b0, c30);
        }
        if (accumulate)
        {
            c00 += Vector256.Load(c);
            c10 += Vector256.Load(c + ldc);
            c20 += Vector256.Load(c + 2 * ldc);
            c30 += Vector256.Load(c + 3 * ldc);
        }
        c00.Store(c);
        c10.Store(c + ldc);
        c20.Store(c + 2 * ldc);
        c30.Store(c + 3 * ldc);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows2Wide1(float* a, nint lda, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        var c00 = Vector256<float>.Zero;
        var c10 = Vector256<float>.Zero;
        float* a0 = a,
            a1 = a + lda;
        for (nint i = 0; i < k; i++, b += 8)
        {
            var b0 = Vector256.Load(b);
            var x0 = Vector256.Create(a0[i]);
            c00 = Vector256.FusedMultiplyAdd(x0, b0, c00);
            var x1 = Vector256.Create(a1[i]);
            c10 = Vector256.FusedMultiplyAdd(x1, b0, c10);
        }
        if (accumulate)
        {
            c00 += Vector256.Load(c);
            c10 += Vector256.Load(c + ldc);
        }
        c00.Store(c);
        c10.Store(c + ldc);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows1Wide1(float* a, nint lda, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        var c00 = Vector256<float>.Zero;
        var a0 = a;
        for (nint i = 0; i < k; i++, b += 8)
        {
            var b0 = Vector256.Load(b);
            var x0 = Vector256.Create(a0[i]);
            c00 = Vector256.FusedMultiplyAdd(x0, b0, c00);
        }
        if (accumulate)
        {
            c00 += Vector256.Load(c);
        }
        c00.Store(c);
    }
}
