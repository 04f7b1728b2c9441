using System.Runtime.CompilerServices;

namespace SearchEngine.Embeddings.Cpu;

/// <summary>Panels of one vector of columns.</summary>
internal static unsafe partial class MatrixKernel<TLanes, TVector>
{
    private static void Panel1(float* a, nint lda, nint rows, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        nint row = 0;
        if (TLanes.HasManyRegisters)
        {
            for (; row + 8 <= rows; row += 8)
                Rows8Wide1(a + row * lda, lda, b, k, c + row * ldc, ldc, accumulate);
        }

        for (; row + 4 <= rows; row += 4)
            Rows4Wide1(a + row * lda, lda, b, k, c + row * ldc, ldc, accumulate);
        for (; row + 2 <= rows; row += 2)
            Rows2Wide1(a + row * lda, lda, b, k, c + row * ldc, ldc, accumulate);
        for (; row + 1 <= rows; row += 1)
            Rows1Wide1(a + row * lda, lda, b, k, c + row * ldc, ldc, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows8Wide1(float* a, nint lda, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        var c00 = default(TVector);
        var c10 = default(TVector);
        var c20 = default(TVector);
        var c30 = default(TVector);
        var c40 = default(TVector);
        var c50 = default(TVector);
        var c60 = default(TVector);
        var c70 = default(TVector);
        float* a0 = a,
            a1 = a + lda,
            a2 = a + 2 * lda,
            a3 = a + 3 * lda,
            a4 = a + 4 * lda,
            a5 = a + 5 * lda,
            a6 = a + 6 * lda,
            a7 = a + 7 * lda;
        for (nint i = 0; i < k; i++, b += TLanes.Width)
        {
            var b0 = TLanes.Load(b);
            var x0 = TLanes.Broadcast(a0[i]);
            c00 = TLanes.MultiplyAdd(x0, b0, c00);
            var x1 = TLanes.Broadcast(a1[i]);
            c10 = TLanes.MultiplyAdd(x1, b0, c10);
            var x2 = TLanes.Broadcast(a2[i]);
            c20 = TLanes.MultiplyAdd(x2, b0, c20);
            var x3 = TLanes.Broadcast(a3[i]);
            c30 = TLanes.MultiplyAdd(x3, b0, c30);
            var x4 = TLanes.Broadcast(a4[i]);
            c40 = TLanes.MultiplyAdd(x4, b0, c40);
            var x5 = TLanes.Broadcast(a5[i]);
            c50 = TLanes.MultiplyAdd(x5, b0, c50);
            var x6 = TLanes.Broadcast(a6[i]);
            c60 = TLanes.MultiplyAdd(x6, b0, c60);
            var x7 = TLanes.Broadcast(a7[i]);
            c70 = TLanes.MultiplyAdd(x7, b0, c70);
        }
        if (accumulate)
        {
            c00 = TLanes.Add(c00, TLanes.Load(c));
            c10 = TLanes.Add(c10, TLanes.Load(c + ldc));
            c20 = TLanes.Add(c20, TLanes.Load(c + 2 * ldc));
            c30 = TLanes.Add(c30, TLanes.Load(c + 3 * ldc));
            c40 = TLanes.Add(c40, TLanes.Load(c + 4 * ldc));
            c50 = TLanes.Add(c50, TLanes.Load(c + 5 * ldc));
            c60 = TLanes.Add(c60, TLanes.Load(c + 6 * ldc));
            c70 = TLanes.Add(c70, TLanes.Load(c + 7 * ldc));
        }
        TLanes.Store(c00, c);
        TLanes.Store(c10, c + ldc);
        TLanes.Store(c20, c + 2 * ldc);
        TLanes.Store(c30, c + 3 * ldc);
        TLanes.Store(c40, c + 4 * ldc);
        TLanes.Store(c50, c + 5 * ldc);
        TLanes.Store(c60, c + 6 * ldc);
        TLanes.Store(c70, c + 7 * ldc);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows4Wide1(float* a, nint lda, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        var c00 = default(TVector);
        var c10 = default(TVector);
        var c20 = default(TVector);
        var c30 = default(TVector);
        float* a0 = a,
            a1 = a + lda,
            a2 = a + 2 * lda,
            a3 = a + 3 * lda;
        for (nint i = 0; i < k; i++, b += TLanes.Width)
        {
            var b0 = TLanes.Load(b);
            var x0 = TLanes.Broadcast(a0[i]);
            c00 = TLanes.MultiplyAdd(x0, b0, c00);
            var x1 = TLanes.Broadcast(a1[i]);
            c10 = TLanes.MultiplyAdd(x1, b0, c10);
            var x2 = TLanes.Broadcast(a2[i]);
            c20 = TLanes.MultiplyAdd(x2, b0, c20);
            var x3 = TLanes.Broadcast(a3[i]);
            c30 = TLanes.MultiplyAdd(x3, b0, c30);
        }
        if (accumulate)
        {
            c00 = TLanes.Add(c00, TLanes.Load(c));
            c10 = TLanes.Add(c10, TLanes.Load(c + ldc));
            c20 = TLanes.Add(c20, TLanes.Load(c + 2 * ldc));
            c30 = TLanes.Add(c30, TLanes.Load(c + 3 * ldc));
        }
        TLanes.Store(c00, c);
        TLanes.Store(c10, c + ldc);
        TLanes.Store(c20, c + 2 * ldc);
        TLanes.Store(c30, c + 3 * ldc);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows2Wide1(float* a, nint lda, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        var c00 = default(TVector);
        var c10 = default(TVector);
        float* a0 = a,
            a1 = a + lda;
        for (nint i = 0; i < k; i++, b += TLanes.Width)
        {
            var b0 = TLanes.Load(b);
            var x0 = TLanes.Broadcast(a0[i]);
            c00 = TLanes.MultiplyAdd(x0, b0, c00);
            var x1 = TLanes.Broadcast(a1[i]);
            c10 = TLanes.MultiplyAdd(x1, b0, c10);
        }
        if (accumulate)
        {
            c00 = TLanes.Add(c00, TLanes.Load(c));
            c10 = TLanes.Add(c10, TLanes.Load(c + ldc));
        }
        TLanes.Store(c00, c);
        TLanes.Store(c10, c + ldc);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows1Wide1(float* a, nint lda, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        var c00 = default(TVector);
        var a0 = a;
        for (nint i = 0; i < k; i++, b += TLanes.Width)
        {
            var b0 = TLanes.Load(b);
            var x0 = TLanes.Broadcast(a0[i]);
            c00 = TLanes.MultiplyAdd(x0, b0, c00);
        }
        if (accumulate)
        {
            c00 = TLanes.Add(c00, TLanes.Load(c));
        }
        TLanes.Store(c00, c);
    }
}
