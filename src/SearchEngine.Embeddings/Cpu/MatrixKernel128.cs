using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SearchEngine.Embeddings.Cpu;

/// <summary>
/// The innermost loops of the float32 matrix product for 128-bit vectors, fused where the processor multiplies and adds in one (ARM64):
/// blocks of rows × one panel of columns held in registers (Goto and van de Geijn 2008).
/// </summary>
internal static unsafe class MatrixKernel128
{
    /// <summary>Elements of a vector: the width of a narrow panel. A wide one has three.</summary>
    public const int Lanes = 4;

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
        Vector128<float> c00 = Vector128<float>.Zero,
            c01 = Vector128<float>.Zero,
            c02 = Vector128<float>.Zero;
        Vector128<float> c10 = Vector128<float>.Zero,
            c11 = Vector128<float>.Zero,
            c12 = Vector128<float>.Zero;
        Vector128<float> c20 = Vector128<float>.Zero,
            c21 = Vector128<float>.Zero,
            c22 = Vector128<float>.Zero;
        Vector128<float> c30 = Vector128<float>.Zero,
            c31 = Vector128<float>.Zero,
            c32 = Vector128<float>.Zero;
        float* a0 = a,
            a1 = a + lda,
            a2 = a + 2 * lda,
            a3 = a + 3 * lda;
        for (nint i = 0; i < k; i++, b += 12)
        {
            var b0 = Vector128.Load(b);
            var b1 = Vector128.Load(b + 4);
            var b2 = Vector128.Load(b + 8);
            var x0 = Vector128.Create(a0[i]);
            c00 = Vector128.MultiplyAddEstimate(x0, b0, c00);
            c01 = Vector128.MultiplyAddEstimate(x0, b1, c01);
            c02 = Vector128.MultiplyAddEstimate(x0, b2, c02);
            var x1 = Vector128.Create(a1[i]);
            c10 = Vector128.MultiplyAddEstimate(x1, b0, c10);
            c11 = Vector128.MultiplyAddEstimate(x1, b1, c11);
            c12 = Vector128.MultiplyAddEstimate(x1, b2, c12);
            var x2 = Vector128.Create(a2[i]);
            c20 = Vector128.MultiplyAddEstimate(x2, b0, c20);
            c21 = Vector128.MultiplyAddEstimate(x2, b1, c21);
            c22 = Vector128.MultiplyAddEstimate(x2, b2, c22);
            var x3 = Vector128.Create(a3[i]);
            c30 = Vector128.MultiplyAddEstimate(x3, b0, c30);
            c31 = Vector128.MultiplyAddEstimate(x3, b1, c31);
            c32 = Vector128.MultiplyAddEstimate(x3, b2, c32);
        }
        if (accumulate)
        {
            c00 += Vector128.Load(c);
            c01 += Vector128.Load(c + 4);
            c02 += Vector128.Load(c + 8);
            c10 += Vector128.Load(c + ldc);
            c11 += Vector128.Load(c + ldc + 4);
            c12 += Vector128.Load(c + ldc + 8);
            c20 += Vector128.Load(c + 2 * ldc);
            c21 += Vector128.Load(c + 2 * ldc + 4);
            c22 += Vector128.Load(c + 2 * ldc + 8);
            c30 += Vector128.Load(c + 3 * ldc);
            c31 += Vector128.Load(c + 3 * ldc + 4);
            c32 += Vector128.Load(c + 3 * ldc + 8);
        }
        c00.Store(c);
        c01.Store(c + 4);
        c02.Store(c + 8);
        c10.Store(c + ldc);
        c11.Store(c + ldc + 4);
        c12.Store(c + ldc + 8);
        c20.Store(c + 2 * ldc);
        c21.Store(c + 2 * ldc + 4);
        c22.Store(c + 2 * ldc + 8);
        c30.Store(c + 3 * ldc);
        c31.Store(c + 3 * ldc + 4);
        c32.Store(c + 3 * ldc + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows2Wide3(float* a, nint lda, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        Vector128<float> c00 = Vector128<float>.Zero,
            c01 = Vector128<float>.Zero,
            c02 = Vector128<float>.Zero;
        Vector128<float> c10 = Vector128<float>.Zero,
            c11 = Vector128<float>.Zero,
            c12 = Vector128<float>.Zero;
        float* a0 = a,
            a1 = a + lda;
        for (nint i = 0; i < k; i++, b += 12)
        {
            var b0 = Vector128.Load(b);
            var b1 = Vector128.Load(b + 4);
            var b2 = Vector128.Load(b + 8);
            var x0 = Vector128.Create(a0[i]);
            c00 = Vector128.MultiplyAddEstimate(x0, b0, c00);
            c01 = Vector128.MultiplyAddEstimate(x0, b1, c01);
            c02 = Vector128.MultiplyAddEstimate(x0, b2, c02);
            var x1 = Vector128.Create(a1[i]);
            c10 = Vector128.MultiplyAddEstimate(x1, b0, c10);
            c11 = Vector128.MultiplyAddEstimate(x1, b1, c11);
            c12 = Vector128.MultiplyAddEstimate(x1, b2, c12);
        }
        if (accumulate)
        {
            c00 += Vector128.Load(c);
            c01 += Vector128.Load(c + 4);
            c02 += Vector128.Load(c + 8);
            c10 += Vector128.Load(c + ldc);
            c11 += Vector128.Load(c + ldc + 4);
            c12 += Vector128.Load(c + ldc + 8);
        }
        c00.Store(c);
        c01.Store(c + 4);
        c02.Store(c + 8);
        c10.Store(c + ldc);
        c11.Store(c + ldc + 4);
        c12.Store(c + ldc + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows1Wide3(float* a, nint lda, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        Vector128<float> c00 = Vector128<float>.Zero,
            c01 = Vector128<float>.Zero,
            c02 = Vector128<float>.Zero;
        var a0 = a;
        for (nint i = 0; i < k; i++, b += 12)
        {
            var b0 = Vector128.Load(b);
            var b1 = Vector128.Load(b + 4);
            var b2 = Vector128.Load(b + 8);
            var x0 = Vector128.Create(a0[i]);
            c00 = Vector128.MultiplyAddEstimate(x0, b0, c00);
            c01 = Vector128.MultiplyAddEstimate(x0, b1, c01);
            c02 = Vector128.MultiplyAddEstimate(x0, b2, c02);
        }
        if (accumulate)
        {
            c00 += Vector128.Load(c);
            c01 += Vector128.Load(c + 4);
            c02 += Vector128.Load(c + 8);
        }
        c00.Store(c);
        c01.Store(c + 4);
        c02.Store(c + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows4Wide1(float* a, nint lda, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        var c00 = Vector128<float>.Zero;
        var c10 = Vector128<float>.Zero;
        var c20 = Vector128<float>.Zero;
        var c30 = Vector128<float>.Zero;
        float* a0 = a,
            a1 = a + lda,
            a2 = a + 2 * lda,
            a3 = a + 3 * lda;
        for (nint i = 0; i < k; i++, b += 4)
        {
            var b0 = Vector128.Load(b);
            var x0 = Vector128.Create(a0[i]);
            c00 = Vector128.MultiplyAddEstimate(x0, b0, c00);
            var x1 = Vector128.Create(a1[i]);
            c10 = Vector128.MultiplyAddEstimate(x1, b0, c10);
            var x2 = Vector128.Create(a2[i]);
            c20 = Vector128.MultiplyAddEstimate(x2, b0, c20);
            var x3 = Vector128.Create(a3[i]);
            c30 = Vector128.MultiplyAddEstimate(x3, b0, c30);
        }
        if (accumulate)
        {
            c00 += Vector128.Load(c);
            c10 += Vector128.Load(c + ldc);
            c20 += Vector128.Load(c + 2 * ldc);
            c30 += Vector128.Load(c + 3 * ldc);
        }
        c00.Store(c);
        c10.Store(c + ldc);
        c20.Store(c + 2 * ldc);
        c30.Store(c + 3 * ldc);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows2Wide1(float* a, nint lda, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        var c00 = Vector128<float>.Zero;
        var c10 = Vector128<float>.Zero;
        float* a0 = a,
            a1 = a + lda;
        for (nint i = 0; i < k; i++, b += 4)
        {
            var b0 = Vector128.Load(b);
            var x0 = Vector128.Create(a0[i]);
            c00 = Vector128.MultiplyAddEstimate(x0, b0, c00);
            var x1 = Vector128.Create(a1[i]);
            c10 = Vector128.MultiplyAddEstimate(x1, b0, c10);
        }
        if (accumulate)
        {
            c00 += Vector128.Load(c);
            c10 += Vector128.Load(c + ldc);
        }
        c00.Store(c);
        c10.Store(c + ldc);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows1Wide1(float* a, nint lda, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        var c00 = Vector128<float>.Zero;
        var a0 = a;
        for (nint i = 0; i < k; i++, b += 4)
        {
            var b0 = Vector128.Load(b);
            var x0 = Vector128.Create(a0[i]);
            c00 = Vector128.MultiplyAddEstimate(x0, b0, c00);
        }
        if (accumulate)
        {
            c00 += Vector128.Load(c);
        }
        c00.Store(c);
    }
}
