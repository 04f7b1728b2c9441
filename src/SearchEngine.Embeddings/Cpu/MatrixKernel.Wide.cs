using System.Runtime.CompilerServices;

namespace SearchEngine.Embeddings.Cpu;

/// <summary>Panels of three vectors of columns.</summary>
internal static unsafe partial class MatrixKernel<TLanes, TVector>
{
    private static void Panel3(float* a, nint lda, nint rows, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        nint row = 0;
        if (TLanes.HasManyRegisters)
        {
            for (; row + 8 <= rows; row += 8)
                Rows8Wide3(a + row * lda, lda, b, k, c + row * ldc, ldc, accumulate);
        }

        for (; row + 4 <= rows; row += 4)
            Rows4Wide3(a + row * lda, lda, b, k, c + row * ldc, ldc, accumulate);
        for (; row + 2 <= rows; row += 2)
            Rows2Wide3(a + row * lda, lda, b, k, c + row * ldc, ldc, accumulate);
        for (; row + 1 <= rows; row += 1)
            Rows1Wide3(a + row * lda, lda, b, k, c + row * ldc, ldc, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows8Wide3(float* a, nint lda, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        TVector c00 = default,
            c01 = default,
            c02 = default;
        TVector c10 = default,
            c11 = default,
            c12 = default;
        TVector c20 = default,
            c21 = default,
            c22 = default;
        TVector c30 = default,
            c31 = default,
            c32 = default;
        TVector c40 = default,
            c41 = default,
            c42 = default;
        TVector c50 = default,
            c51 = default,
            c52 = default;
        TVector c60 = default,
            c61 = default,
            c62 = default;
        TVector c70 = default,
            c71 = default,
            c72 = default;
        float* a0 = a,
            a1 = a + lda,
            a2 = a + 2 * lda,
            a3 = a + 3 * lda,
            a4 = a + 4 * lda,
            a5 = a + 5 * lda,
            a6 = a + 6 * lda,
            a7 = a + 7 * lda;
        for (nint i = 0; i < k; i++, b += 3 * TLanes.Width)
        {
            var b0 = TLanes.Load(b);
            var b1 = TLanes.Load(b + TLanes.Width);
            var b2 = TLanes.Load(b + 2 * TLanes.Width);
            var x0 = TLanes.Broadcast(a0[i]);
            c00 = TLanes.MultiplyAdd(x0, b0, c00);
            c01 = TLanes.MultiplyAdd(x0, b1, c01);
            c02 = TLanes.MultiplyAdd(x0, b2, c02);
            var x1 = TLanes.Broadcast(a1[i]);
            c10 = TLanes.MultiplyAdd(x1, b0, c10);
            c11 = TLanes.MultiplyAdd(x1, b1, c11);
            c12 = TLanes.MultiplyAdd(x1, b2, c12);
            var x2 = TLanes.Broadcast(a2[i]);
            c20 = TLanes.MultiplyAdd(x2, b0, c20);
            c21 = TLanes.MultiplyAdd(x2, b1, c21);
            c22 = TLanes.MultiplyAdd(x2, b2, c22);
            var x3 = TLanes.Broadcast(a3[i]);
            c30 = TLanes.MultiplyAdd(x3, b0, c30);
            c31 = TLanes.MultiplyAdd(x3, b1, c31);
            c32 = TLanes.MultiplyAdd(x3, b2, c32);
            var x4 = TLanes.Broadcast(a4[i]);
            c40 = TLanes.MultiplyAdd(x4, b0, c40);
            c41 = TLanes.MultiplyAdd(x4, b1, c41);
            c42 = TLanes.MultiplyAdd(x4, b2, c42);
            var x5 = TLanes.Broadcast(a5[i]);
            c50 = TLanes.MultiplyAdd(x5, b0, c50);
            c51 = TLanes.MultiplyAdd(x5, b1, c51);
            c52 = TLanes.MultiplyAdd(x5, b2, c52);
            var x6 = TLanes.Broadcast(a6[i]);
            c60 = TLanes.MultiplyAdd(x6, b0, c60);
            c61 = TLanes.MultiplyAdd(x6, b1, c61);
            c62 = TLanes.MultiplyAdd(x6, b2, c62);
            var x7 = TLanes.Broadcast(a7[i]);
            c70 = TLanes.MultiplyAdd(x7, b0, c70);
            c71 = TLanes.MultiplyAdd(x7, b1, c71);
            c72 = TLanes.MultiplyAdd(x7, b2, c72);
        }
        if (accumulate)
        {
            c00 = TLanes.Add(c00, TLanes.Load(c));
            c01 = TLanes.Add(c01, TLanes.Load(c + TLanes.Width));
            c02 = TLanes.Add(c02, TLanes.Load(c + 2 * TLanes.Width));
            c10 = TLanes.Add(c10, TLanes.Load(c + ldc));
            c11 = TLanes.Add(c11, TLanes.Load(c + ldc + TLanes.Width));
            c12 = TLanes.Add(c12, TLanes.Load(c + ldc + 2 * TLanes.Width));
            c20 = TLanes.Add(c20, TLanes.Load(c + 2 * ldc));
            c21 = TLanes.Add(c21, TLanes.Load(c + 2 * ldc + TLanes.Width));
            c22 = TLanes.Add(c22, TLanes.Load(c + 2 * ldc + 2 * TLanes.Width));
            c30 = TLanes.Add(c30, TLanes.Load(c + 3 * ldc));
            c31 = TLanes.Add(c31, TLanes.Load(c + 3 * ldc + TLanes.Width));
            c32 = TLanes.Add(c32, TLanes.Load(c + 3 * ldc + 2 * TLanes.Width));
            c40 = TLanes.Add(c40, TLanes.Load(c + 4 * ldc));
            c41 = TLanes.Add(c41, TLanes.Load(c + 4 * ldc + TLanes.Width));
            c42 = TLanes.Add(c42, TLanes.Load(c + 4 * ldc + 2 * TLanes.Width));
            c50 = TLanes.Add(c50, TLanes.Load(c + 5 * ldc));
            c51 = TLanes.Add(c51, TLanes.Load(c + 5 * ldc + TLanes.Width));
            c52 = TLanes.Add(c52, TLanes.Load(c + 5 * ldc + 2 * TLanes.Width));
            c60 = TLanes.Add(c60, TLanes.Load(c + 6 * ldc));
            c61 = TLanes.Add(c61, TLanes.Load(c + 6 * ldc + TLanes.Width));
            c62 = TLanes.Add(c62, TLanes.Load(c + 6 * ldc + 2 * TLanes.Width));
            c70 = TLanes.Add(c70, TLanes.Load(c + 7 * ldc));
            c71 = TLanes.Add(c71, TLanes.Load(c + 7 * ldc + TLanes.Width));
            c72 = TLanes.Add(c72, TLanes.Load(c + 7 * ldc + 2 * TLanes.Width));
        }
        TLanes.Store(c00, c);
        TLanes.Store(c01, c + TLanes.Width);
        TLanes.Store(c02, c + 2 * TLanes.Width);
        TLanes.Store(c10, c + ldc);
        TLanes.Store(c11, c + ldc + TLanes.Width);
        TLanes.Store(c12, c + ldc + 2 * TLanes.Width);
        TLanes.Store(c20, c + 2 * ldc);
        TLanes.Store(c21, c + 2 * ldc + TLanes.Width);
        TLanes.Store(c22, c + 2 * ldc + 2 * TLanes.Width);
        TLanes.Store(c30, c + 3 * ldc);
        TLanes.Store(c31, c + 3 * ldc + TLanes.Width);
        TLanes.Store(c32, c + 3 * ldc + 2 * TLanes.Width);
        TLanes.Store(c40, c + 4 * ldc);
        TLanes.Store(c41, c + 4 * ldc + TLanes.Width);
        TLanes.Store(c42, c + 4 * ldc + 2 * TLanes.Width);
        TLanes.Store(c50, c + 5 * ldc);
        TLanes.Store(c51, c + 5 * ldc + TLanes.Width);
        TLanes.Store(c52, c + 5 * ldc + 2 * TLanes.Width);
        TLanes.Store(c60, c + 6 * ldc);
        TLanes.Store(c61, c + 6 * ldc + TLanes.Width);
        TLanes.Store(c62, c + 6 * ldc + 2 * TLanes.Width);
        TLanes.Store(c70, c + 7 * ldc);
        TLanes.Store(c71, c + 7 * ldc + TLanes.Width);
        TLanes.Store(c72, c + 7 * ldc + 2 * TLanes.Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows4Wide3(float* a, nint lda, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        TVector c00 = default,
            c01 = default,
            c02 = default;
        TVector c10 = default,
            c11 = default,
            c12 = default;
        TVector c20 = default,
            c21 = default,
            c22 = default;
        TVector c30 = default,
            c31 = default,
            c32 = default;
        float* a0 = a,
            a1 = a + lda,
            a2 = a + 2 * lda,
            a3 = a + 3 * lda;
        for (nint i = 0; i < k; i++, b += 3 * TLanes.Width)
        {
            var b0 = TLanes.Load(b);
            var b1 = TLanes.Load(b + TLanes.Width);
            var b2 = TLanes.Load(b + 2 * TLanes.Width);
            var x0 = TLanes.Broadcast(a0[i]);
            c00 = TLanes.MultiplyAdd(x0, b0, c00);
            c01 = TLanes.MultiplyAdd(x0, b1, c01);
            c02 = TLanes.MultiplyAdd(x0, b2, c02);
            var x1 = TLanes.Broadcast(a1[i]);
            c10 = TLanes.MultiplyAdd(x1, b0, c10);
            c11 = TLanes.MultiplyAdd(x1, b1, c11);
            c12 = TLanes.MultiplyAdd(x1, b2, c12);
            var x2 = TLanes.Broadcast(a2[i]);
            c20 = TLanes.MultiplyAdd(x2, b0, c20);
            c21 = TLanes.MultiplyAdd(x2, b1, c21);
            c22 = TLanes.MultiplyAdd(x2, b2, c22);
            var x3 = TLanes.Broadcast(a3[i]);
            c30 = TLanes.MultiplyAdd(x3, b0, c30);
            c31 = TLanes.MultiplyAdd(x3, b1, c31);
            c32 = TLanes.MultiplyAdd(x3, b2, c32);
        }
        if (accumulate)
        {
            c00 = TLanes.Add(c00, TLanes.Load(c));
            c01 = TLanes.Add(c01, TLanes.Load(c + TLanes.Width));
            c02 = TLanes.Add(c02, TLanes.Load(c + 2 * TLanes.Width));
            c10 = TLanes.Add(c10, TLanes.Load(c + ldc));
            c11 = TLanes.Add(c11, TLanes.Load(c + ldc + TLanes.Width));
            c12 = TLanes.Add(c12, TLanes.Load(c + ldc + 2 * TLanes.Width));
            c20 = TLanes.Add(c20, TLanes.Load(c + 2 * ldc));
            c21 = TLanes.Add(c21, TLanes.Load(c + 2 * ldc + TLanes.Width));
            c22 = TLanes.Add(c22, TLanes.Load(c + 2 * ldc + 2 * TLanes.Width));
            c30 = TLanes.Add(c30, TLanes.Load(c + 3 * ldc));
            c31 = TLanes.Add(c31, TLanes.Load(c + 3 * ldc + TLanes.Width));
            c32 = TLanes.Add(c32, TLanes.Load(c + 3 * ldc + 2 * TLanes.Width));
        }
        TLanes.Store(c00, c);
        TLanes.Store(c01, c + TLanes.Width);
        TLanes.Store(c02, c + 2 * TLanes.Width);
        TLanes.Store(c10, c + ldc);
        TLanes.Store(c11, c + ldc + TLanes.Width);
        TLanes.Store(c12, c + ldc + 2 * TLanes.Width);
        TLanes.Store(c20, c + 2 * ldc);
        TLanes.Store(c21, c + 2 * ldc + TLanes.Width);
        TLanes.Store(c22, c + 2 * ldc + 2 * TLanes.Width);
        TLanes.Store(c30, c + 3 * ldc);
        TLanes.Store(c31, c + 3 * ldc + TLanes.Width);
        TLanes.Store(c32, c + 3 * ldc + 2 * TLanes.Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows2Wide3(float* a, nint lda, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        TVector c00 = default,
            c01 = default,
            c02 = default;
        TVector c10 = default,
            c11 = default,
            c12 = default;
        float* a0 = a,
            a1 = a + lda;
        for (nint i = 0; i < k; i++, b += 3 * TLanes.Width)
        {
            var b0 = TLanes.Load(b);
            var b1 = TLanes.Load(b + TLanes.Width);
            var b2 = TLanes.Load(b + 2 * TLanes.Width);
            var x0 = TLanes.Broadcast(a0[i]);
            c00 = TLanes.MultiplyAdd(x0, b0, c00);
            c01 = TLanes.MultiplyAdd(x0, b1, c01);
            c02 = TLanes.MultiplyAdd(x0, b2, c02);
            var x1 = TLanes.Broadcast(a1[i]);
            c10 = TLanes.MultiplyAdd(x1, b0, c10);
            c11 = TLanes.MultiplyAdd(x1, b1, c11);
            c12 = TLanes.MultiplyAdd(x1, b2, c12);
        }
        if (accumulate)
        {
            c00 = TLanes.Add(c00, TLanes.Load(c));
            c01 = TLanes.Add(c01, TLanes.Load(c + TLanes.Width));
            c02 = TLanes.Add(c02, TLanes.Load(c + 2 * TLanes.Width));
            c10 = TLanes.Add(c10, TLanes.Load(c + ldc));
            c11 = TLanes.Add(c11, TLanes.Load(c + ldc + TLanes.Width));
            c12 = TLanes.Add(c12, TLanes.Load(c + ldc + 2 * TLanes.Width));
        }
        TLanes.Store(c00, c);
        TLanes.Store(c01, c + TLanes.Width);
        TLanes.Store(c02, c + 2 * TLanes.Width);
        TLanes.Store(c10, c + ldc);
        TLanes.Store(c11, c + ldc + TLanes.Width);
        TLanes.Store(c12, c + ldc + 2 * TLanes.Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows1Wide3(float* a, nint lda, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        TVector c00 = default,
            c01 = default,
            c02 = default;
        var a0 = a;
        for (nint i = 0; i < k; i++, b += 3 * TLanes.Width)
        {
            var b0 = TLanes.Load(b);
            var b1 = TLanes.Load(b + TLanes.Width);
            var b2 = TLanes.Load(b + 2 * TLanes.Width);
            var x0 = TLanes.Broadcast(a0[i]);
            c00 = TLanes.MultiplyAdd(x0, b0, c00);
            c01 = TLanes.MultiplyAdd(x0, b1, c01);
            c02 = TLanes.MultiplyAdd(x0, b2, c02);
        }
        if (accumulate)
        {
            c00 = TLanes.Add(c00, TLanes.Load(c));
            c01 = TLanes.Add(c01, TLanes.Load(c + TLanes.Width));
            c02 = TLanes.Add(c02, TLanes.Load(c + 2 * TLanes.Width));
        }
        TLanes.Store(c00, c);
        TLanes.Store(c01, c + TLanes.Width);
        TLanes.Store(c02, c + 2 * TLanes.Width);
    }
}
