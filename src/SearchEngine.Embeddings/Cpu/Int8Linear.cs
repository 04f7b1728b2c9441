using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace SearchEngine.Embeddings;

/// <summary>
/// The product of two signed eight-bit matrices with 32-bit sums. libtorch's own (<c>torch._int_mm</c>, oneDNN underneath) uses the
/// processor's dot-product instructions; TorchSharp has no method for it, its TorchScript compiler reaches it. One thread at a time.
/// </summary>
internal sealed class Int8Product : IDisposable
{
    private const string Script = """
        def int_mm(a, b):
            return torch._int_mm(a, b)

        """;

    private jit.CompilationUnit? _unit;

    /// <param name="a">(rows, inner) of int8</param>
    /// <param name="b">(inner, columns) of int8</param>
    /// <returns>(rows, columns) of int32</returns>
    public Tensor Multiply(Tensor a, Tensor b)
    {
        _unit ??= jit.compile(Script);
        return _unit.invoke<Tensor>("int_mm", a, b);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Dispose() => _unit?.Dispose();
}

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

    private readonly Tensor _weight; // (inputs, outputs) view of a contiguous (outputs, inputs)
    private readonly float[] _scales;
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
        using var scope = NewDisposeScope();
        _scales = new float[outputs];
        var rows = empty([outputs, inputs], ScalarType.Int8);
        fixed (byte* target = rows.bytes)
        {
            for (var i = 0; i < outputs; i++)
                _scales[i] = Quantize(new ReadOnlySpan<float>(weight + (nint)i * inputs, inputs), (sbyte*)target + (nint)i * inputs);
        }
        _weight = rows.t().DetachFromDisposeScope();
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
        using var scope = NewDisposeScope();
        var passes = _fine ? 2 : 1;
        var quantized = empty([passes * rows, Inputs], ScalarType.Int8);
        var rowScales = rows <= 256 ? stackalloc float[rows] : new float[rows];
        var wide = scratch.Wide.Reserve((nint)rows * Math.Max(1, _wide.Length));
        fixed (byte* target = quantized.bytes)
        {
            for (var i = 0; i < rows; i++)
            {
                var row = input + i * inputStride;
                var first = (sbyte*)target + (nint)i * Inputs;
                Exchange(row, wide + i * _wide.Length, clear: true);
                rowScales[i] = Quantize(new ReadOnlySpan<float>(row, Inputs), first);
                if (_fine)
                    QuantizeRest(row, first, rowScales[i], first + (nint)rows * Inputs, Inputs);
                Exchange(row, wide + i * _wide.Length, clear: false);
            }
        }
        var product = scratch.Int8.Multiply(quantized, _weight);
        fixed (byte* sums = product.bytes)
        fixed (float* scales = _scales)
        {
            for (var pass = 0; pass < passes; pass++)
            {
                for (var i = 0; i < rows; i++)
                {
                    Rescale(
                        (int*)sums + ((nint)pass * rows + i) * Outputs,
                        pass == 0 ? rowScales[i] : rowScales[i] / FineSteps,
                        scales,
                        output + i * outputStride,
                        Outputs,
                        accumulate || pass > 0
                    );
                }
            }
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

    public override void Dispose()
    {
        _weight.Dispose();
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
            if (Vector512.IsHardwareAccelerated)
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
            for (; i < row.Length; i++)
                target[i] = (sbyte)MathF.Round(source[i] * factor);
        }
        return largest / Largest;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rescale(int* sums, float rowScale, float* scales, float* output, int count, bool accumulate)
    {
        var j = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            var r = Vector512.Create(rowScale);
            for (; j + 16 <= count; j += 16)
            {
                var value = Vector512.ConvertToSingle(Vector512.Load(sums + j)) * (r * Vector512.Load(scales + j));
                (accumulate ? value + Vector512.Load(output + j) : value).Store(output + j);
            }
        }
        else
        {
            var r = Vector256.Create(rowScale);
            for (; j + 8 <= count; j += 8)
            {
                var value = Vector256.ConvertToSingle(Vector256.Load(sums + j)) * (r * Vector256.Load(scales + j));
                (accumulate ? value + Vector256.Load(output + j) : value).Store(output + j);
            }
        }
        for (; j < count; j++)
        {
            var value = sums[j] * (rowScale * scales[j]);
            output[j] = accumulate ? output[j] + value : value;
        }
    }
}
