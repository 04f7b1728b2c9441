using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SearchEngine.Embeddings.Cpu;

namespace SearchEngine.Embeddings;

/// <summary>
/// The right-hand side of a float32 matrix product, C = A·B, cut into panels of columns that lie in the order in which the kernels read
/// them: for each block of inner rows, for each panel, its rows one after the other. Every element of C is summed in the order of the inner
/// index, whatever the number of rows, so a row's result does not depend on its batch.
/// </summary>
internal static unsafe class PackedPanels
{
    /// <summary>Inner rows of a block: a wide panel of them (288 KB at 512 bits) stays in a core's second-level cache.</summary>
    private const int BlockRows = 1536;

    /// <summary>Elements of a vector; panels are one or three wide.</summary>
    public static int Lanes => FloatKernels.Best.Lanes;

    /// <summary>
    /// Elements from one row to the next for rows of <paramref name="columns"/>: room for the last panel to pass the end, even from an odd
    /// offset.
    /// </summary>
    public static int Stride(int columns) => (columns + 15) / 16 * 16 + 16;

    /// <summary>Elements of the packed form of an (inner, columns) matrix.</summary>
    public static nint Size(int inner, int columns) => Size(FloatKernels.Best, inner, columns);

    /// <inheritdoc cref="Size(int, int)"/>
    public static nint Size(FloatKernel kernel, int inner, int columns) => (nint)inner * RoundUp(columns, kernel.Lanes);

    /// <summary>Packs B from its transpose: row j of <paramref name="source"/> is column j of B.</summary>
    /// <param name="source">(columns, inner), <paramref name="stride"/> elements apart.</param>
    /// <param name="target"><see cref="Size(int, int)"/> elements.</param>
    public static void PackTransposed(float* source, nint stride, int inner, int columns, float* target) =>
        PackTransposed(FloatKernels.Best, source, stride, inner, columns, target);

    /// <inheritdoc cref="PackTransposed(float*, nint, int, int, float*)"/>
    public static void PackTransposed(FloatKernel kernel, float* source, nint stride, int inner, int columns, float* target)
    {
        for (var k0 = 0; k0 < inner; k0 += BlockRows)
        {
            var k1 = Math.Min(inner, k0 + BlockRows);
            for (var j0 = 0; j0 < columns; )
            {
                var width = Width(columns - j0, kernel.Lanes);
                int real = Math.Min(width, columns - j0),
                    whole = real / 4 * 4;
                for (var j = 0; j < whole; j += 4)
                    Transpose4(source + (j0 + j) * stride, stride, k0, k1, target + j, width);
                for (var j = whole; j < width; j++)
                {
                    var to = target + j;
                    if (j < real)
                    {
                        var from = source + (j0 + j) * stride;
                        for (var k = k0; k < k1; k++, to += width)
                            *to = from[k];
                    }
                    else
                    {
                        for (var k = k0; k < k1; k++, to += width)
                            *to = 0;
                    }
                }
                target += (nint)width * (k1 - k0);
                j0 += width;
            }
        }
    }

    /// <summary>Four rows become four neighbours in every row of a panel.</summary>
    private static void Transpose4(float* source, nint stride, int from, int to, float* target, int width)
    {
        float* a = source,
            b = source + stride,
            c = source + 2 * stride,
            d = source + 3 * stride;
        var k = from;
        if (Sse.IsSupported)
        {
            for (; k + 4 <= to; k += 4, target += 4 * width)
            {
                Vector128<float> x = Vector128.Load(a + k),
                    y = Vector128.Load(b + k),
                    z = Vector128.Load(c + k),
                    w = Vector128.Load(d + k);
                Vector128<float> xyLow = Sse.UnpackLow(x, y),
                    zwLow = Sse.UnpackLow(z, w),
                    xyHigh = Sse.UnpackHigh(x, y),
                    zwHigh = Sse.UnpackHigh(z, w);
                Sse.MoveLowToHigh(xyLow, zwLow).Store(target);
                Sse.MoveHighToLow(zwLow, xyLow).Store(target + width);
                Sse.MoveLowToHigh(xyHigh, zwHigh).Store(target + 2 * width);
                Sse.MoveHighToLow(zwHigh, xyHigh).Store(target + 3 * width);
            }
        }
        for (; k < to; k++, target += width)
            (target[0], target[1], target[2], target[3]) = (a[k], b[k], c[k], d[k]);
    }

    /// <summary>Packs B as it stands.</summary>
    /// <param name="source">(inner, columns), <paramref name="stride"/> elements apart.</param>
    /// <param name="target"><see cref="Size(int, int)"/> elements.</param>
    public static void Pack(float* source, nint stride, int inner, int columns, float* target) =>
        Pack(FloatKernels.Best, source, stride, inner, columns, target);

    /// <inheritdoc cref="Pack(float*, nint, int, int, float*)"/>
    public static void Pack(FloatKernel kernel, float* source, nint stride, int inner, int columns, float* target)
    {
        for (var k0 = 0; k0 < inner; k0 += BlockRows)
        {
            var k1 = Math.Min(inner, k0 + BlockRows);
            for (var j0 = 0; j0 < columns; )
            {
                var width = Width(columns - j0, kernel.Lanes);
                var real = Math.Min(width, columns - j0);
                for (var k = k0; k < k1; k++, target += width)
                {
                    new ReadOnlySpan<float>(source + k * stride + j0, real).CopyTo(new Span<float>(target, real));
                    new Span<float>(target + real, width - real).Clear();
                }
                j0 += width;
            }
        }
    }

    /// <summary>
    /// C = A·B, or C += A·B. Columns of C up to the next multiple of 16 behind the last are overwritten (with zeros, or kept).
    /// </summary>
    /// <param name="a">(rows, inner), <paramref name="lda"/> elements apart</param>
    /// <param name="packed">B from <see cref="Pack(float*, nint, int, int, float*)"/> or <see cref="PackTransposed(float*, nint, int, int, float*)"/></param>
    /// <param name="c">(rows, columns), <paramref name="ldc"/> elements apart</param>
    public static void Multiply(float* a, nint lda, int rows, float* packed, int inner, int columns, float* c, nint ldc, bool accumulate) =>
        Multiply(FloatKernels.Best, a, lda, rows, packed, inner, columns, c, ldc, accumulate);

    /// <inheritdoc cref="Multiply(float*, nint, int, float*, int, int, float*, nint, bool)"/>
    public static void Multiply(
        FloatKernel kernel,
        float* a,
        nint lda,
        int rows,
        float* packed,
        int inner,
        int columns,
        float* c,
        nint ldc,
        bool accumulate
    )
    {
        var lanes = kernel.Lanes;
        for (var k0 = 0; k0 < inner; k0 += BlockRows)
        {
            var k = Math.Min(BlockRows, inner - k0);
            var add = accumulate || k0 > 0;
            for (var j = 0; j < columns; )
            {
                var width = Width(columns - j, lanes);
                kernel.Panel(width > lanes, a + k0, lda, rows, packed, k, c + j, ldc, add);
                packed += (nint)width * k;
                j += width;
            }
        }
    }

    /// <summary>The width of the next panel with this many columns to go.</summary>
    private static int Width(int left, int lanes) => left > 2 * lanes ? 3 * lanes : lanes;

    private static int RoundUp(int columns, int lanes)
    {
        var total = 0;
        while (total < columns)
            total += Width(columns - total, lanes);
        return total;
    }
}
