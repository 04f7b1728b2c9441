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

    public void Dispose() => _unit?.Dispose();
}

/// <summary>
/// Weights in eight bits with one scale for each output (symmetric, largest magnitude at 127); inputs are quantized the same way row by row
/// as they come. Sums are exact integers, so a row's result does not depend on its batch.
/// </summary>
internal sealed unsafe class Int8Linear : CpuLinear
{
    private const float Largest = 127;

    private readonly Tensor _weight; // (inputs, outputs) view of a contiguous (outputs, inputs)
    private readonly float[] _scales;

    /// <param name="weight">(outputs, inputs), contiguous</param>
    public Int8Linear(float* weight, int inputs, int outputs, float[]? bias)
        : base(inputs, outputs, bias)
    {
        using DisposeScope scope = NewDisposeScope();
        _scales = new float[outputs];
        Tensor rows = empty([outputs, inputs], ScalarType.Int8);
        fixed (byte* target = rows.bytes)
        {
            for (int i = 0; i < outputs; i++)
                _scales[i] = Quantize(new ReadOnlySpan<float>(weight + (nint)i * inputs, inputs), (sbyte*)target + (nint)i * inputs);
        }
        _weight = rows.t().DetachFromDisposeScope();
    }

    protected override void Multiply(float* input, nint inputStride, int rows, float* output, nint outputStride, bool accumulate, CpuScratch scratch)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor quantized = empty([rows, Inputs], ScalarType.Int8);
        Span<float> rowScales = rows <= 256 ? stackalloc float[rows] : new float[rows];
        fixed (byte* target = quantized.bytes)
        {
            for (int i = 0; i < rows; i++)
                rowScales[i] = Quantize(new ReadOnlySpan<float>(input + i * inputStride, Inputs), (sbyte*)target + (nint)i * Inputs);
        }
        Tensor product = scratch.Int8.Multiply(quantized, _weight);
        fixed (byte* sums = product.bytes)
        fixed (float* scales = _scales)
        {
            for (int i = 0; i < rows; i++)
                Rescale((int*)sums + (nint)i * Outputs, rowScales[i], scales, output + i * outputStride, Outputs, accumulate);
        }
    }

    public override void Dispose() => _weight.Dispose();

    /// <summary>Rounds a row to [-127, 127]; returns what one step is worth.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Quantize(ReadOnlySpan<float> row, sbyte* target)
    {
        float largest = Math.Abs(TensorPrimitives.MaxMagnitude(row));
        if (!(largest > 0) || !float.IsFinite(largest))
        {
            new Span<sbyte>(target, row.Length).Clear();
            return 0;
        }
        float factor = Largest / largest;
        int i = 0;
        fixed (float* source = row)
        {
            if (Vector512.IsHardwareAccelerated)
            {
                Vector512<float> f = Vector512.Create(factor);
                for (; i + 64 <= row.Length; i += 64)
                {
                    Vector512<int> a = Vector512.ConvertToInt32Native(Vector512.Round(Vector512.Load(source + i) * f));
                    Vector512<int> b = Vector512.ConvertToInt32Native(Vector512.Round(Vector512.Load(source + i + 16) * f));
                    Vector512<int> c = Vector512.ConvertToInt32Native(Vector512.Round(Vector512.Load(source + i + 32) * f));
                    Vector512<int> d = Vector512.ConvertToInt32Native(Vector512.Round(Vector512.Load(source + i + 48) * f));
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
        int j = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<float> r = Vector512.Create(rowScale);
            for (; j + 16 <= count; j += 16)
            {
                Vector512<float> value = Vector512.ConvertToSingle(Vector512.Load(sums + j)) * (r * Vector512.Load(scales + j));
                (accumulate ? value + Vector512.Load(output + j) : value).Store(output + j);
            }
        }
        else
        {
            Vector256<float> r = Vector256.Create(rowScale);
            for (; j + 8 <= count; j += 8)
            {
                Vector256<float> value = Vector256.ConvertToSingle(Vector256.Load(sums + j)) * (r * Vector256.Load(scales + j));
                (accumulate ? value + Vector256.Load(output + j) : value).Store(output + j);
            }
        }
        for (; j < count; j++)
        {
            float value = sums[j] * (rowScale * scales[j]);
            output[j] = accumulate ? output[j] + value : value;
        }
    }
}
