using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SearchEngine.Embeddings.Cpu.EightBit;

/// <summary>Rows of float32 to eight bits and one step each, and sums of products back. The bits do not depend on the processor.</summary>
internal static unsafe class Int8Rounding
{
    /// <summary>The largest magnitude of an element.</summary>
    public const float Largest = 127;

    /// <summary>Steps of the second eight bits in one of the first: half a step either way is their whole range.</summary>
    public const float FineSteps = 2 * Largest;

    /// <summary>The second eight bits of a row: what the first leave, in steps of <paramref name="step"/> / 254.</summary>
    public static void QuantizeRest(float* row, sbyte* first, float step, sbyte* target, int count)
    {
        var factor = step > 0 ? FineSteps / step : 0;
        var i = 0;
        for (; i + 16 <= count; i += 16)
        {
            (var low, var high) = Vector128.Widen(Vector128.Load(first + i));
            (var a, var b) = Vector128.Widen(low);
            (var c, var d) = Vector128.Widen(high);
            var left = Rest(Vector256.Create(a, b), Vector256.Load(row + i), step, factor);
            var right = Rest(Vector256.Create(c, d), Vector256.Load(row + i + 8), step, factor);
            var both = Vector256.Narrow(left, right);
            Vector128.Narrow(both.GetLower(), both.GetUpper()).Store(target + i);
        }
        for (; i < count; i++)
            target[i] = (sbyte)MathF.Round((row[i] - first[i] * step) * factor);
    }

    private static Vector256<int> Rest(Vector256<int> first, Vector256<float> row, float step, float factor) =>
        Vector256.ConvertToInt32Native(
            Vector256.Round((row - Vector256.ConvertToSingle(first) * Vector256.Create(step)) * Vector256.Create(factor))
        );

    /// <summary>Rounds a row to [-127, 127], its largest magnitude to 127; returns what one step is worth.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Quantize(ReadOnlySpan<float> row, sbyte* target)
    {
        var largest = LargestMagnitude(row);
        if (!(largest > 0) || !float.IsFinite(largest))
        {
            // What is not a number must stay visible: zero steps of not-a-number are not a number.
            new Span<sbyte>(target, row.Length).Clear();
            return largest == 0 ? 0 : float.NaN;
        }
        var factor = Largest / largest;
        var i = 0;
        fixed (float* source = row)
        {
            if (VectorWidth.Has512)
            {
                var f = Vector512.Create(factor);
                for (; i + 64 <= row.Length; i += 64)
                {
                    var a = Vector512.ConvertToInt32Native(Vector512.Round(Vector512.Load(source + i) * f));
                    var b = Vector512.ConvertToInt32Native(Vector512.Round(Vector512.Load(source + i + 16) * f));
                    var c = Vector512.ConvertToInt32Native(Vector512.Round(Vector512.Load(source + i + 32) * f));
                    var d = Vector512.ConvertToInt32Native(Vector512.Round(Vector512.Load(source + i + 48) * f));
                    Vector512.Narrow(Vector512.Narrow(a, b), Vector512.Narrow(c, d)).Store(target + i);
                }
            }
            for (; i + 32 <= row.Length; i += 32)
            {
                var f = Vector256.Create(factor);
                var a = Vector256.ConvertToInt32Native(Vector256.Round(Vector256.Load(source + i) * f));
                var b = Vector256.ConvertToInt32Native(Vector256.Round(Vector256.Load(source + i + 8) * f));
                var c = Vector256.ConvertToInt32Native(Vector256.Round(Vector256.Load(source + i + 16) * f));
                var d = Vector256.ConvertToInt32Native(Vector256.Round(Vector256.Load(source + i + 24) * f));
                Vector256.Narrow(Vector256.Narrow(a, b), Vector256.Narrow(c, d)).Store(target + i);
            }
            for (; i < row.Length; i++)
                target[i] = (sbyte)MathF.Round(source[i] * factor);
        }
        return largest / Largest;
    }

    /// <summary>The largest magnitude; what is not a number is larger than any, as its bits are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float LargestMagnitude(ReadOnlySpan<float> row)
    {
        const int Magnitude = int.MaxValue;
        var i = 0;
        var largest = 0;
        fixed (float* source = row)
        {
            var bits = (int*)source;
            var most = Vector256<int>.Zero;
            if (VectorWidth.Has512)
            {
                var wide = Vector512<int>.Zero;
                for (; i + 16 <= row.Length; i += 16)
                    wide = Vector512.Max(wide, Vector512.Load(bits + i) & Vector512.Create(Magnitude));
                most = Vector256.Max(wide.GetLower(), wide.GetUpper());
            }
            for (; i + 8 <= row.Length; i += 8)
                most = Vector256.Max(most, Vector256.Load(bits + i) & Vector256.Create(Magnitude));
            for (var lane = 0; lane < 8; lane++)
                largest = Math.Max(largest, most[lane]);
            for (; i < row.Length; i++)
                largest = Math.Max(largest, bits[i] & Magnitude);
        }
        return BitConverter.Int32BitsToSingle(largest);
    }

    /// <summary>Rounds every row of a matrix as <see cref="Quantize"/> does.</summary>
    /// <param name="values">(rows, width), contiguous</param>
    /// <param name="rows">Rows.</param>
    /// <param name="width">Elements of a row.</param>
    /// <param name="target">(rows, width), contiguous</param>
    /// <param name="scales">What a step of each row is worth; as many as there are rows.</param>
    public static void QuantizeRows(float* values, int rows, int width, sbyte* target, Span<float> scales)
    {
        for (var i = 0; i < rows; i++)
        {
            var row = (nint)i * width;
            scales[i] = Quantize(new ReadOnlySpan<float>(values + row, width), target + row);
        }
    }

    /// <summary>A tile's sums of whole steps to what they are worth.</summary>
    /// <param name="sums">(rows, <paramref name="stride"/>), of the kernel</param>
    /// <param name="stride">Elements from row to row of the sums.</param>
    /// <param name="surplus">(columns), what each sum has too many</param>
    /// <param name="steps">(rows), what a step of each is worth</param>
    /// <param name="scales">(columns), what a step of each is worth</param>
    /// <param name="output">(rows, columns), <paramref name="outputStride"/> elements apart</param>
    /// <param name="outputStride">Elements from row to row of the output.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="accumulate">Adds to the output instead of replacing it.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rescale(
        int* sums,
        int stride,
        int* surplus,
        float* steps,
        float* scales,
        float* output,
        nint outputStride,
        int rows,
        int columns,
        bool accumulate
    )
    {
        for (var i = 0; i < rows; i++, sums += stride, output += outputStride)
        {
            var step = steps[i];
            var j = 0;
            if (VectorWidth.Has512)
            {
                var s = Vector512.Create(step);
                for (; j + 16 <= columns; j += 16)
                {
                    var value =
                        Vector512.ConvertToSingle(Vector512.Load(sums + j) - Vector512.Load(surplus + j))
                        * (s * Vector512.Load(scales + j));
                    (accumulate ? value + Vector512.Load(output + j) : value).Store(output + j);
                }
            }
            for (; j + 8 <= columns; j += 8)
            {
                var value =
                    Vector256.ConvertToSingle(Vector256.Load(sums + j) - Vector256.Load(surplus + j))
                    * (Vector256.Create(step) * Vector256.Load(scales + j));
                (accumulate ? value + Vector256.Load(output + j) : value).Store(output + j);
            }
            for (; j < columns; j++)
            {
                var value = (sums[j] - surplus[j]) * (step * scales[j]);
                output[j] = accumulate ? output[j] + value : value;
            }
        }
    }
}
