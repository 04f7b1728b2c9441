using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SearchEngine.Embeddings.Cpu;
using SearchEngine.Embeddings.Cpu.EightBit;

namespace SearchEngine.Embeddings;

/// <summary>
/// Weights in eight bits with one scale for each output (symmetric, largest magnitude at 127); inputs are quantized the same way row by row
/// as they come. Sums are exact integers, so a row's result does not depend on its batch.
/// </summary>
internal sealed unsafe class Int8Linear : CpuLinear
{
    private const float Largest = 127;

    /// <summary>One input in so many is computed in float32, where magnitudes are known.</summary>
    private const int WideShare = 48;

    /// <summary>Steps of the second eight bits in one of the first: half a step either way is their whole range.</summary>
    private const float FineSteps = 2 * Largest;

    private readonly AlignedBuffer _weights; // as Int8Panels lays them out
    private readonly AlignedBuffer _scales; // (outputs up to whole panels); zero behind the last
    private readonly AlignedBuffer _sums; // (as the scales) of int: each column's weights
    private readonly bool _fine;
    private readonly int[] _wide = [];
    private readonly AlignedBuffer? _widePanels;

    /// <param name="weight">(outputs, inputs), contiguous; changed where <paramref name="magnitudes"/> are given</param>
    /// <param name="inputs">Elements of an input row.</param>
    /// <param name="outputs">Elements of an output row.</param>
    /// <param name="bias">(outputs), or null</param>
    /// <param name="magnitudes">
    /// About how large each input gets, or null. The few largest would take the others' precision; they are computed in float32 beside
    /// (Dettmers et al. 2022, LLM.int8).
    /// </param>
    /// <param name="fine">
    /// Inputs in sixteen bits: what is left of them by the first eight is quantized once more, at twice the work. The maps into a post-norm
    /// encoder's attention need it, whose inputs have outliers that no weight foretells.
    /// </param>
    public Int8Linear(float* weight, int inputs, int outputs, float[]? bias, float[]? magnitudes = null, bool fine = false)
        : base(inputs, outputs, bias)
    {
        _fine = fine;
        if (magnitudes is not null)
        {
            _wide = [.. Enumerable.Range(0, inputs).OrderByDescending(i => magnitudes[i]).Take(inputs / WideShare).Order()];
            _widePanels = _wide.Length == 0 ? null : TakeOut(weight, inputs, outputs, _wide);
        }
        var columns = Int8Panels.Panels(outputs) * Int8Panels.Columns;
        _weights = new AlignedBuffer((nint)(Int8Panels.Size(inputs, outputs) / sizeof(float)));
        _scales = Zeros(columns);
        _sums = Zeros(columns);
        using AlignedBuffer rows = new(((nint)outputs * inputs + sizeof(float) - 1) / sizeof(float));
        for (var i = 0; i < outputs; i++)
        {
            var row = rows.Bytes + (nint)i * inputs;
            _scales.Start[i] = Quantize(new ReadOnlySpan<float>(weight + (nint)i * inputs, inputs), row);
            var sum = 0;
            for (var k = 0; k < inputs; k++)
                sum += row[k];
            ((int*)_sums.Start)[i] = sum;
        }
        Int8Panels.Pack(rows.Bytes, inputs, inputs, outputs, _weights.Bytes);
    }

    private static AlignedBuffer Zeros(int elements)
    {
        AlignedBuffer buffer = new(elements);
        new Span<float>(buffer.Start, elements).Clear();
        return buffer;
    }

    protected override void Multiply(
        float* input,
        nint inputStride,
        int rows,
        float* output,
        nint outputStride,
        bool accumulate,
        CpuScratch scratch
    )
    {
        var kernel = Int8Kernels.Best;
        var passes = _fine ? 2 : 1;
        var groups = Int8Panels.Groups(Inputs);
        var stride = (nint)groups * kernel.GroupBytes;
        scratch.Prepared.Reserve(passes * rows * stride / sizeof(float));
        var prepared = (byte*)scratch.Prepared.Bytes;
        var steps = scratch.Steps.Reserve(passes * rows);
        var wide = scratch.Wide.Reserve((nint)rows * Math.Max(1, _wide.Length));
        var row = scratch.Row.Reserve(2 * groups); // one row in eight bits, and its rest
        sbyte* first = (sbyte*)row,
            rest = first + groups * Int8Panels.Group;
        row[groups - 1] = row[2 * groups - 1] = 0; // what fills up the last group
        for (var i = 0; i < rows; i++)
        {
            var source = input + i * inputStride;
            Exchange(source, wide + i * _wide.Length, clear: true);
            steps[i] = Quantize(new ReadOnlySpan<float>(source, Inputs), first);
            kernel.Prepare(first, groups, prepared + i * stride);
            if (_fine)
            {
                steps[rows + i] = steps[i] / FineSteps;
                QuantizeRest(source, first, steps[i], rest, Inputs);
                kernel.Prepare(rest, groups, prepared + (rows + i) * stride);
            }
            Exchange(source, wide + i * _wide.Length, clear: false);
        }
        for (var pass = 0; pass < passes; pass++)
        {
            Product(
                kernel,
                prepared + pass * rows * stride,
                stride,
                rows,
                steps + pass * rows,
                groups,
                output,
                outputStride,
                accumulate || pass > 0
            );
        }
        if (_widePanels is not null)
        {
            PackedPanels.Multiply(
                wide,
                _wide.Length,
                rows,
                _widePanels.Start,
                _wide.Length,
                Outputs,
                output,
                outputStride,
                accumulate: true
            );
        }
    }

    /// <summary>The product block by block, each block's tiles brought to scale while they are in the first-level cache.</summary>
    private void Product(
        Int8Kernel kernel,
        byte* prepared,
        nint stride,
        int rows,
        float* steps,
        int groups,
        float* output,
        nint outputStride,
        bool accumulate
    )
    {
        var tile = stackalloc int[Int8Kernel.TileSums];
        var weights = _weights.Bytes;
        for (var column = 0; column < Outputs; )
        {
            var panels = Math.Min(Int8Panels.BlockPanels, Int8Panels.Panels(Outputs - column));
            var columns = panels * Int8Panels.Columns;
            for (var i = 0; i < rows; i += Int8Kernel.TileRows)
            {
                var count = Math.Min(Int8Kernel.TileRows, rows - i);
                kernel.Tile(prepared + i * stride, stride, count, weights, panels, groups, tile);
                for (var t = 0; t < count; t++)
                {
                    Rescale(
                        tile + t * columns,
                        (int*)_sums.Start + column,
                        kernel.Offset,
                        steps[i + t],
                        _scales.Start + column,
                        output + (i + t) * outputStride + column,
                        Math.Min(columns, Outputs - column),
                        accumulate
                    );
                }
            }
            weights += (nint)groups * columns * Int8Panels.Group;
            column += columns;
        }
    }

    public override void Dispose()
    {
        _weights.Dispose();
        _scales.Dispose();
        _sums.Dispose();
        _widePanels?.Dispose();
    }

    /// <summary>Takes the wide inputs out of a row and leaves zeros, or puts them back.</summary>
    private void Exchange(float* row, float* wide, bool clear)
    {
        for (var k = 0; k < _wide.Length; k++)
        {
            if (clear)
                wide[k] = row[_wide[k]];
            row[_wide[k]] = clear ? 0 : wide[k];
        }
    }

    /// <summary>The wide inputs' weights as panels; their places in the weights are zero afterwards.</summary>
    private static AlignedBuffer TakeOut(float* weight, int inputs, int outputs, int[] wide)
    {
        using AlignedBuffer taken = new((nint)outputs * wide.Length);
        for (var i = 0; i < outputs; i++)
        {
            for (var k = 0; k < wide.Length; k++)
            {
                var place = weight + (nint)i * inputs + wide[k];
                taken.Start[i * wide.Length + k] = *place;
                *place = 0;
            }
        }
        AlignedBuffer panels = new(PackedPanels.Size(wide.Length, outputs));
        PackedPanels.PackTransposed(taken.Start, wide.Length, wide.Length, outputs, panels.Start);
        return panels;
    }

    /// <summary>The second eight bits of a row: what the first leave, in steps of <paramref name="step"/> / 254.</summary>
    private static void QuantizeRest(float* row, sbyte* first, float step, sbyte* target, int count)
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

    /// <summary>Rounds a row to [-127, 127]; returns what one step is worth.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Quantize(ReadOnlySpan<float> row, sbyte* target)
    {
        var largest = Math.Abs(TensorPrimitives.MaxMagnitude(row));
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

    /// <summary>Sums of whole steps to what they are worth.</summary>
    /// <param name="sums">Of the kernel.</param>
    /// <param name="columnSums">Of the weights: <paramref name="offset"/> of them each sum has too many.</param>
    /// <param name="offset">The kernel's.</param>
    /// <param name="step">What a step of the row is worth.</param>
    /// <param name="scales">What a step of each column is worth.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rescale(
        int* sums,
        int* columnSums,
        int offset,
        float step,
        float* scales,
        float* output,
        int count,
        bool accumulate
    )
    {
        var j = 0;
        if (VectorWidth.Has512)
        {
            var s = Vector512.Create(step);
            var o = Vector512.Create(offset);
            for (; j + 16 <= count; j += 16)
            {
                var whole = Vector512.Load(sums + j) - o * Vector512.Load(columnSums + j);
                var value = Vector512.ConvertToSingle(whole) * (s * Vector512.Load(scales + j));
                (accumulate ? value + Vector512.Load(output + j) : value).Store(output + j);
            }
        }
        for (; j + 8 <= count; j += 8)
        {
            var whole = Vector256.Load(sums + j) - Vector256.Create(offset) * Vector256.Load(columnSums + j);
            var value = Vector256.ConvertToSingle(whole) * (Vector256.Create(step) * Vector256.Load(scales + j));
            (accumulate ? value + Vector256.Load(output + j) : value).Store(output + j);
        }
        for (; j < count; j++)
        {
            var value = (sums[j] - offset * columnSums[j]) * (step * scales[j]);
            output[j] = accumulate ? output[j] + value : value;
        }
    }
}
