using System.Numerics.Tensors;

namespace SearchEngine.Embeddings;

/// <summary>The scratch memory of one thread that runs <see cref="CpuLinear"/> maps.</summary>
internal sealed class CpuScratch : IDisposable
{
    /// <summary>Inputs that are computed in float32 beside eight-bit ones.</summary>
    public AlignedBuffer Wide { get; } = new();

    /// <summary>Eight-bit rows in the form that the kernel reads.</summary>
    public AlignedBuffer Prepared { get; } = new();

    /// <summary>What a step of each eight-bit row is worth.</summary>
    public AlignedBuffer Steps { get; } = new();

    /// <summary>One eight-bit row.</summary>
    public AlignedBuffer Row { get; } = new();

    public void Dispose()
    {
        Wide.Dispose();
        Prepared.Dispose();
        Steps.Dispose();
        Row.Dispose();
    }
}

/// <summary>A linear map with prepared weights, y = x·Wᵀ + b. Shared by threads; never changes.</summary>
internal abstract unsafe class CpuLinear : IDisposable
{
    private readonly float[]? _bias;

    protected CpuLinear(int inputs, int outputs, float[]? bias)
    {
        Inputs = inputs;
        Outputs = outputs;
        _bias = bias;
    }

    public int Inputs { get; }

    public int Outputs { get; }

    /// <param name="input">(rows, inputs), <paramref name="inputStride"/> elements apart; may be changed</param>
    /// <param name="output">(rows, outputs), <paramref name="outputStride"/> elements apart</param>
    /// <param name="accumulate">Adds to the output instead of replacing it.</param>
    /// <param name="scratch">Of the calling thread.</param>
    public void Apply(float* input, nint inputStride, int rows, float* output, nint outputStride, bool accumulate, CpuScratch scratch)
    {
        Multiply(input, inputStride, rows, output, outputStride, accumulate, scratch);
        if (_bias is null)
            return;
        for (var i = 0; i < rows; i++)
        {
            Span<float> row = new(output + i * outputStride, Outputs);
            TensorPrimitives.Add(row, _bias, row);
        }
    }

    protected abstract void Multiply(
        float* input,
        nint inputStride,
        int rows,
        float* output,
        nint outputStride,
        bool accumulate,
        CpuScratch scratch
    );

    public abstract void Dispose();
}

/// <summary>Weights in float32 panels.</summary>
internal sealed unsafe class FloatLinear : CpuLinear
{
    private readonly AlignedBuffer? _own;

    /// <param name="weight">(outputs, inputs), contiguous</param>
    public FloatLinear(float* weight, int inputs, int outputs, float[]? bias)
        : base(inputs, outputs, bias)
    {
        _own = new AlignedBuffer(PackedPanels.Size(inputs, outputs));
        PackedPanels.PackTransposed(weight, inputs, inputs, outputs, _own.Start);
        Panels = _own.Start;
    }

    private FloatLinear(int inputs, int outputs, float[]? bias, float* panels)
        : base(inputs, outputs, bias) => Panels = panels;

    /// <summary>Weights that are packed already, in memory that outlives this.</summary>
    public static FloatLinear OfPanels(float* panels, int inputs, int outputs, float[]? bias) => new(inputs, outputs, bias, panels);

    /// <summary><see cref="PackedPanels.Size(int, int)"/> elements.</summary>
    public float* Panels { get; }

    protected override void Multiply(
        float* input,
        nint inputStride,
        int rows,
        float* output,
        nint outputStride,
        bool accumulate,
        CpuScratch scratch
    ) => PackedPanels.Multiply(input, inputStride, rows, Panels, Inputs, Outputs, output, outputStride, accumulate);

    public override void Dispose() => _own?.Dispose();
}
