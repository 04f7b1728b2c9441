using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SearchEngine.Embeddings.Cpu;

namespace SearchEngine.Embeddings;

/// <summary>
/// The innermost loops of the float32 matrix product for 512-bit vectors: blocks of rows × one panel of columns held in registers
/// (Goto and van de Geijn 2008). One multiply-add for each pair of a broadcast element of A and a vector of B.
/// </summary>
internal static unsafe class MatrixKernel512
{
    /// <summary>Elements of a vector: the width of a narrow panel. A wide one has three.</summary>
    public const int Lanes = 16;

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
        for (; row + 8 <= rows; row += 8)
            Rows8Wide3(a + row * lda, lda, b, k, c + row * ldc, ldc, accumulate);
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
        for (; row + 8 <= rows; row += 8)
            Rows8Wide1(a + row * lda, lda, b, k, c + row * ldc, ldc, accumulate);
        for (; row + 4 <= rows; row += 4)
            Rows4Wide1(a + row * lda, lda, b, k, c + row * ldc, ldc, accumulate);
        for (; row + 2 <= rows; row += 2)
            Rows2Wide1(a + row * lda, lda, b, k, c + row * ldc, ldc, accumulate);
        for (; row + 1 <= rows; row += 1)
            Rows1Wide1(a + row * lda, lda, b, k, c + row * ldc, ldc, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows8Wide3(float* a, nint lda, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        Vector512<float> c00 = Vector512<float>.Zero,
            c01 = Vector512<float>.Zero,
            c02 = Vector512<float>.Zero;
        Vector512<float> c10 = Vector512<float>.Zero,
            c11 = Vector512<float>.Zero,
            c12 = Vector512<float>.Zero;
        Vector512<float> c20 = Vector512<float>.Zero,
            c21 = Vector512<float>.Zero,
            c22 = Vector512<float>.Zero;
        Vector512<float> c30 = Vector512<float>.Zero,
            c31 = Vector512<float>.Zero,
            c32 = Vector512<float>.Zero;
        Vector512<float> c40 = Vector512<float>.Zero,
            c41 = Vector512<float>.Zero,
            c42 = Vector512<float>.Zero;
        Vector512<float> c50 = Vector512<float>.Zero,
            c51 = Vector512<float>.Zero,
            c52 = Vector512<float>.Zero;
        Vector512<float> c60 = Vector512<float>.Zero,
            c61 = Vector512<float>.Zero,
            c62 = Vector512<float>.Zero;
        Vector512<float> c70 = Vector512<float>.Zero,
            c71 = Vector512<float>.Zero,
            c72 = Vector512<float>.Zero;
        float* a0 = a,
            a1 = a + lda,
            a2 = a + 2 * lda,
            a3 = a + 3 * lda,
            a4 = a + 4 * lda,
            a5 = a + 5 * lda,
            a6 = a + 6 * lda,
            a7 = a + 7 * lda;
        for (nint i = 0; i < k; i++, b += 48)
        {
            var b0 = Vector512.Load(b);
            var b1 = Vector512.Load(b + 16);
            var b2 = Vector512.Load(b + 32);
            var x0 = Vector512.Create(a0[i]);
            c00 = Vector512.FusedMultiplyAdd(x0, b0, c00);
            c01 = Vector512.FusedMultiplyAdd(x0, b1, c01);
            c02 = Vector512.FusedMultiplyAdd(x0, b2, c02);
            var x1 = Vector512.Create(a1[i]);
            c10 = Vector512.FusedMultiplyAdd(x1, b0, c10);
            c11 = Vector512.FusedMultiplyAdd(x1, b1, c11);
            c12 = Vector512.FusedMultiplyAdd(x1, b2, c12);
            var x2 = Vector512.Create(a2[i]);
            c20 = Vector512.FusedMultiplyAdd(x2, b0, c20);
            c21 = Vector512.FusedMultiplyAdd(x2, b1, c21);
            c22 = Vector512.FusedMultiplyAdd(x2, b2, c22);
            var x3 = Vector512.Create(a3[i]);
            c30 = Vector512.FusedMultiplyAdd(x3, b0, c30);
            c31 = Vector512.FusedMultiplyAdd(x3, b1, c31);
            c32 = Vector512.FusedMultiplyAdd(x3, b2, c32);
            var x4 = Vector512.Create(a4[i]);
            c40 = Vector512.FusedMultiplyAdd(x4, b0, c40);
            c41 = Vector512.FusedMultiplyAdd(x4, b1, c41);
            c42 = Vector512.FusedMultiplyAdd(x4, b2, c42);
            var x5 = Vector512.Create(a5[i]);
            c50 = Vector512.FusedMultiplyAdd(x5, b0, c50);
            c51 = Vector512.FusedMultiplyAdd(x5, b1, c51);
            c52 = Vector512.FusedMultiplyAdd(x5, b2, c52);
            var x6 = Vector512.Create(a6[i]);
            c60 = Vector512.FusedMultiplyAdd(x6, b0, c60);
            c61 = Vector512.FusedMultiplyAdd(x6, b1, c61);
            c62 = Vector512.FusedMultiplyAdd(x6, b2, c62);
            var x7 = Vector512.Create(a7[i]);
            c70 = Vector512.FusedMultiplyAdd(x7, b0, c70);
            c71 = Vector512.FusedMultiplyAdd(x7, b1, c71);
            c72 = Vector512.FusedMultiplyAdd(x7, b2, c72);
        }
        if (accumulate)
        {
            c00 += Vector512.Load(c);
            c01 += Vector512.Load(c + 16);
            c02 += Vector512.Load(c + 32);
            c10 += Vector512.Load(c + ldc);
            c11 += Vector512.Load(c + ldc + 16);
            c12 += Vector512.Load(c + ldc + 32);
            c20 += Vector512.Load(c + 2 * ldc);
            c21 += Vector512.Load(c + 2 * ldc + 16);
            c22 += Vector512.Load(c + 2 * ldc + 32);
            c30 += Vector512.Load(c + 3 * ldc);
            c31 += Vector512.Load(c + 3 * ldc + 16);
            c32 += Vector512.Load(c + 3 * ldc + 32);
            c40 += Vector512.Load(c + 4 * ldc);
            c41 += Vector512.Load(c + 4 * ldc + 16);
            c42 += Vector512.Load(c + 4 * ldc + 32);
            c50 += Vector512.Load(c + 5 * ldc);
            c51 += Vector512.Load(c + 5 * ldc + 16);
            c52 += Vector512.Load(c + 5 * ldc + 32);
            c60 += Vector512.Load(c + 6 * ldc);
            c61 += Vector512.Load(c + 6 * ldc + 16);
            c62 += Vector512.Load(c + 6 * ldc + 32);
            c70 += Vector512.Load(c + 7 * ldc);
            c71 += Vector512.Load(c + 7 * ldc + 16);
            c72 += Vector512.Load(c + 7 * ldc + 32);
        }
        c00.Store(c);
        c01.Store(c + 16);
        c02.Store(c + 32);
        c10.Store(c + ldc);
        c11.Store(c + ldc + 16);
        c12.Store(c + ldc + 32);
        c20.Store(c + 2 * ldc);
        c21.Store(c + 2 * ldc + 16);
        c22.Store(c + 2 * ldc + 32);
        c30.Store(c + 3 * ldc);
        c31.Store(c + 3 * ldc + 16);
        c32.Store(c + 3 * ldc + 32);
        c40.Store(c + 4 * ldc);
        c41.Store(c + 4 * ldc + 16);
        c42.Store(c + 4 * ldc + 32);
        c50.Store(c + 5 * ldc);
        c51.Store(c + 5 * ldc + 16);
        c52.Store(c + 5 * ldc + 32);
        c60.Store(c + 6 * ldc);
        c61.Store(c + 6 * ldc + 16);
        c62.Store(c + 6 * ldc + 32);
        c70.Store(c + 7 * ldc);
        c71.Store(c + 7 * ldc + 16);
        c72.Store(c + 7 * ldc + 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows4Wide3(float* a, nint lda, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        Vector512<float> c00 = Vector512<float>.Zero,
            c01 = Vector512<float>.Zero,
            c02 = Vector512<float>.Zero;
        Vector512<float> c10 = Vector512<float>.Zero,
            c11 = Vector512<float>.Zero,
            c12 = Vector512<float>.Zero;
        Vector512<float> c20 = Vector512<float>.Zero,
            c21 = Vector512<float>.Zero,
            c22 = Vector512<float>.Zero;
        Vector512<float> c30 = Vector512<float>.Zero,
            c31 = Vector512<float>.Zero,
            c32 = Vector512<float>.Zero;
        float* a0 = a,
            a1 = a + lda,
            a2 = a + 2 * lda,
            a3 = a + 3 * lda;
        for (nint i = 0; i < k; i++, b += 48)
        {
            var b0 = Vector512.Load(b);
            var b1 = Vector512.Load(b + 16);
            var b2 = Vector512.Load(b + 32);
            var x0 = Vector512.Create(a0[i]);
            c00 = Vector512.FusedMultiplyAdd(x0, b0, c00);
            c01 = Vector512.FusedMultiplyAdd(x0, b1, c01);
            c02 = Vector512.FusedMultiplyAdd(x0, b2, c02);
            var x1 = Vector512.Create(a1[i]);
            c10 = Vector512.FusedMultiplyAdd(x1, b0, c10);
            c11 = Vector512.FusedMultiplyAdd(x1, b1, c11);
            c12 = Vector512.FusedMultiplyAdd(x1, b2, c12);
            var x2 = Vector512.Create(a2[i]);
            c20 = Vector512.FusedMultiplyAdd(x2, b0, c20);
            c21 = Vector512.FusedMultiplyAdd(x2, b1, c21);
            c22 = Vector512.FusedMultiplyAdd(x2, b2, c22);
            var x3 = Vector512.Create(a3[i]);
            c30 = Vector512.FusedMultiplyAdd(x3, b0, c30);
            c31 = Vector512.FusedMultiplyAdd(x3, b1, c31);
            c32 = Vector512.FusedMultiplyAdd(x3, b2, c32);
        }
        if (accumulate)
        {
            c00 += Vector512.Load(c);
            c01 += Vector512.Load(c + 16);
            c02 += Vector512.Load(c + 32);
            c10 += Vector512.Load(c + ldc);
            c11 += Vector512.Load(c + ldc + 16);
            c12 += Vector512.Load(c + ldc + 32);
            c20 += Vector512.Load(c + 2 * ldc);
            c21 += Vector512.Load(c + 2 * ldc + 16);
            c22 += Vector512.Load(c + 2 * ldc + 32);
            c30 += Vector512.Load(c + 3 * ldc);
            c31 += Vector512.Load(c + 3 * ldc + 16);
            c32 += Vector512.Load(c + 3 * ldc + 32);
        }
        c00.Store(c);
        c01.Store(c + 16);
        c02.Store(c + 32);
        c10.Store(c + ldc);
        c11.Store(c + ldc + 16);
        c12.Store(c + ldc + 32);
        c20.Store(c + 2 * ldc);
        c21.Store(c + 2 * ldc + 16);
        c22.Store(c + 2 * ldc + 32);
        c30.Store(c + 3 * ldc);
        c31.Store(c + 3 * ldc + 16);
        c32.Store(c + 3 * ldc + 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows2Wide3(float* a, nint lda, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        Vector512<float> c00 = Vector512<float>.Zero,
            c01 = Vector512<float>.Zero,
            c02 = Vector512<float>.Zero;
        Vector512<float> c10 = Vector512<float>.Zero,
            c11 = Vector512<float>.Zero,
            c12 = Vector512<float>.Zero;
        float* a0 = a,
            a1 = a + lda;
        for (nint i = 0; i < k; i++, b += 48)
        {
            var b0 = Vector512.Load(b);
            var b1 = Vector512.Load(b + 16);
            var b2 = Vector512.Load(b + 32);
            var x0 = Vector512.Create(a0[i]);
            c00 = Vector512.FusedMultiplyAdd(x0, b0, c00);
            c01 = Vector512.FusedMultiplyAdd(x0, b1, c01);
            c02 = Vector512.FusedMultiplyAdd(x0, b2, c02);
            var x1 = Vector512.Create(a1[i]);
            c10 = Vector512.FusedMultiplyAdd(x1, b0, c10);
            c11 = Vector512.FusedMultiplyAdd(x1, b1, c11);
            c12 = Vector512.FusedMultiplyAdd(x1, b2, c12);
        }
        if (accumulate)
        {
            c00 += Vector512.Load(c);
            c01 += Vector512.Load(c + 16);
            c02 += Vector512.Load(c + 32);
            c10 += Vector512.Load(c + ldc);
            c11 += Vector512.Load(c + ldc + 16);
            c12 += Vector512.Load(c + ldc + 32);
        }
        c00.Store(c);
        c01.Store(c + 16);
        c02.Store(c + 32);
        c10.Store(c + ldc);
        c11.Store(c + ldc + 16);
        c12.Store(c + ldc + 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows1Wide3(float* a, nint lda, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        Vector512<float> c00 = Vector512<float>.Zero,
            c01 = Vector512<float>.Zero,
            c02 = Vector512<float>.Zero;
        var a0 = a;
        for (nint i = 0; i < k; i++, b += 48)
        {
            var b0 = Vector512.Load(b);
            var b1 = Vector512.Load(b + 16);
            var b2 = Vector512.Load(b + 32);
            var x0 = Vector512.Create(a0[i]);
            c00 = Vector512.FusedMultiplyAdd(x0, b0, c00);
            c01 = Vector512.FusedMultiplyAdd(x0, b1, c01);
            c02 = Vector512.FusedMultiplyAdd(x0, b2, c02);
        }
        if (accumulate)
        {
            c00 += Vector512.Load(c);
            c01 += Vector512.Load(c + 16);
            c02 += Vector512.Load(c + 32);
        }
        c00.Store(c);
        c01.Store(c + 16);
        c02.Store(c + 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows8Wide1(float* a, nint lda, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        var c00 = Vector512<float>.Zero;
        var c10 = Vector512<float>.Zero;
        var c20 = Vector512<float>.Zero;
        var c30 = Vector512<float>.Zero;
        var c40 = Vector512<float>.Zero;
        var c50 = Vector512<float>.Zero;
        var c60 = Vector512<float>.Zero;
        var c70 = Vector512<float>.Zero;
        float* a0 = a,
            a1 = a + lda,
            a2 = a + 2 * lda,
            a3 = a + 3 * lda,
            a4 = a + 4 * lda,
            a5 = a + 5 * lda,
            a6 = a + 6 * lda,
            a7 = a + 7 * lda;
        for (nint i = 0; i < k; i++, b += 16)
        {
            var b0 = Vector512.Load(b);
            var x0 = Vector512.Create(a0[i]);
            c00 = Vector512.FusedMultiplyAdd(x0, b0, c00);
            var x1 = Vector512.Create(a1[i]);
            c10 = Vector512.FusedMultiplyAdd(x1, b0, c10);
            var x2 = Vector512.Create(a2[i]);
            c20 = Vector512.FusedMultiplyAdd(x2, b0, c20);
            var x3 = Vector512.Create(a3[i]);
            c30 = Vector512.FusedMultiplyAdd(x3, b0, c30);
            var x4 = Vector512.Create(a4[i]);
            c40 = Vector512.FusedMultiplyAdd(x4, b0, c40);
            var x5 = Vector512.Create(a5[i]);
            c50 = Vector512.FusedMultiplyAdd(x5, b0, c50);
            var x6 = Vector512.Create(a6[i]);
            c60 = Vector512.FusedMultiplyAdd(x6, b0, c60);
            var x7 = Vector512.Create(a7[i]);
            c70 = Vector512.FusedMultiplyAdd(x7, b0, c70);
        }
        if (accumulate)
        {
            c00 += Vector512.Load(c);
            c10 += Vector512.Load(c + ldc);
            c20 += Vector512.Load(c + 2 * ldc);
            c30 += Vector512.Load(c + 3 * ldc);
            c40 += Vector512.Load(c + 4 * ldc);
            c50 += Vector512.Load(c + 5 * ldc);
            c60 += Vector512.Load(c + 6 * ldc);
            c70 += Vector512.Load(c + 7 * ldc);
        }
        c00.Store(c);
        c10.Store(c + ldc);
        c20.Store(c + 2 * ldc);
        c30.Store(c + 3 * ldc);
        c40.Store(c + 4 * ldc);
        c50.Store(c + 5 * ldc);
        c60.Store(c + 6 * ldc);
        c70.Store(c + 7 * ldc);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows4Wide1(float* a, nint lda, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        var c00 = Vector512<float>.Zero;
        var c10 = Vector512<float>.Zero;
        var c20 = Vector512<float>.Zero;
        var c30 = Vector512<float>.Zero;
        float* a0 = a,
            a1 = a + lda,
            a2 = a + 2 * lda,
            a3 = a + 3 * lda;
        for (nint i = 0; i < k; i++, b += 16)
        {
            var b0 = Vector512.Load(b);
            var x0 = Vector512.Create(a0[i]);
            c00 = Vector512.FusedMultiplyAdd(x0, b0, c00);
            var x1 = Vector512.Create(a1[i]);
            c10 = Vector512.FusedMultiplyAdd(x1, b0, c10);
            var x2 = Vector512.Create(a2[i]);
            c20 = Vector512.FusedMultiplyAdd(x2, b0, c20);
            var x3 = Vector512.Create(a3[i]);
            c30 = Vector512.FusedMultiplyAdd(x3, b0, c30);
        }
        if (accumulate)
        {
            c00 += Vector512.Load(c);
            c10 += Vector512.Load(c + ldc);
            c20 += Vector512.Load(c + 2 * ldc);
            c30 += Vector512.Load(c + 3 * ldc);
        }
        c00.Store(c);
        c10.Store(c + ldc);
        c20.Store(c + 2 * ldc);
        c30.Store(c + 3 * ldc);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows2Wide1(float* a, nint lda, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        var c00 = Vector512<float>.Zero;
        var c10 = Vector512<float>.Zero;
        float* a0 = a,
            a1 = a + lda;
        for (nint i = 0; i < k; i++, b += 16)
        {
            var b0 = Vector512.Load(b);
            var x0 = Vector512.Create(a0[i]);
            c00 = Vector512.FusedMultiplyAdd(x0, b0, c00);
            var x1 = Vector512.Create(a1[i]);
            c10 = Vector512.FusedMultiplyAdd(x1, b0, c10);
        }
        if (accumulate)
        {
            c00 += Vector512.Load(c);
            c10 += Vector512.Load(c + ldc);
        }
        c00.Store(c);
        c10.Store(c + ldc);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows1Wide1(float* a, nint lda, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        var c00 = Vector512<float>.Zero;
        var a0 = a;
        for (nint i = 0; i < k; i++, b += 16)
        {
            var b0 = Vector512.Load(b);
            var x0 = Vector512.Create(a0[i]);
            c00 = Vector512.FusedMultiplyAdd(x0, b0, c00);
        }
        if (accumulate)
        {
            c00 += Vector512.Load(c);
        }
        c00.Store(c);
    }
}
