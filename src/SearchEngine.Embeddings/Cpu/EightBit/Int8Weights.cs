using System.Numerics.Tensors;

namespace SearchEngine.Embeddings.Cpu.EightBit;

/// <summary>
/// One weight of a linear map in eight bits: panels as every kernel reads them, a scale and the sum of its elements for each output. In
/// memory of its own, or where a file is mapped. Never changes.
/// </summary>
internal sealed unsafe class Int8Weights : IDisposable
{
    /// <summary>One input in so many is computed in float32, where magnitudes are known.</summary>
    private const int WideShare = 48;

    private readonly AlignedBuffer? _panels;
    private AlignedBuffer? _scales;
    private readonly AlignedBuffer? _sums;

    private Int8Weights(int inputs, int outputs, AlignedBuffer panels, AlignedBuffer scales, AlignedBuffer sums)
        : this(inputs, outputs, panels.Bytes, scales.Start, (int*)sums.Start, [], []) => (_panels, _scales, _sums) = (panels, scales, sums);

    /// <summary>Weights in memory that outlives this.</summary>
    /// <param name="inputs">Elements of an input row.</param>
    /// <param name="outputs">Elements of an output row.</param>
    /// <param name="panels">As <see cref="Int8Panels"/> lays them out.</param>
    /// <param name="scales">(outputs), what a step is worth</param>
    /// <param name="sums">(outputs), each output's weights summed up</param>
    /// <param name="wideInputs">Inputs that are computed in float32 beside; their places in the panels are zero.</param>
    /// <param name="wide">(outputs, wide inputs), their weights</param>
    public Int8Weights(int inputs, int outputs, sbyte* panels, float* scales, int* sums, int[] wideInputs, float[] wide)
    {
        Inputs = inputs;
        Outputs = outputs;
        Panels = panels;
        Scales = scales;
        Sums = sums;
        WideInputs = wideInputs;
        Wide = wide;
    }

    public int Inputs { get; }

    public int Outputs { get; }

    /// <summary><see cref="Int8Panels.Size"/> bytes.</summary>
    public sbyte* Panels { get; }

    /// <summary>(outputs)</summary>
    public float* Scales { get; private set; }

    /// <summary>(outputs)</summary>
    public int* Sums { get; }

    /// <summary>Ascending.</summary>
    public int[] WideInputs { get; private init; }

    /// <summary>(outputs, wide inputs)</summary>
    public float[] Wide { get; private init; }

    /// <summary>Rounds float32 weights.</summary>
    /// <param name="weight">(outputs, inputs), contiguous; changed where <paramref name="magnitudes"/> are given</param>
    /// <param name="inputs">Elements of an input row.</param>
    /// <param name="outputs">Elements of an output row.</param>
    /// <param name="magnitudes">
    /// About how large each input gets, or null. The few largest would take the others' precision; they are computed in float32 beside
    /// (Dettmers et al. 2022, LLM.int8).
    /// </param>
    public static Int8Weights Quantize(float* weight, int inputs, int outputs, float[]? magnitudes = null)
    {
        var wideInputs = WidestInputs(inputs, magnitudes);
        var wide = TakeOut(weight, inputs, outputs, wideInputs);
        AlignedBuffer scales = new(outputs);
        using var rows = Rows(inputs, outputs);
        Int8Rounding.QuantizeRows(weight, outputs, inputs, rows.Bytes, new Span<float>(scales.Start, outputs));
        return OfRows(rows.Bytes, inputs, outputs, scales, wideInputs, wide);
    }

    /// <summary>Lays out rows that are in eight bits already.</summary>
    /// <param name="rows">(outputs, inputs), contiguous</param>
    /// <param name="scales">(outputs); owned from here on</param>
    /// <inheritdoc cref="Int8Weights(int, int, sbyte*, float*, int*, int[], float[])"/>
    public static Int8Weights OfRows(sbyte* rows, int inputs, int outputs, AlignedBuffer scales, int[] wideInputs, float[] wide)
    {
        AlignedBuffer panels = new((Int8Panels.Size(inputs, outputs) + sizeof(float) - 1) / sizeof(float)),
            sums = new(outputs);
        Int8Panels.Pack(rows, inputs, inputs, outputs, panels.Bytes);
        for (var i = 0; i < outputs; i++)
            ((int*)sums.Start)[i] = Sum(rows + (nint)i * inputs, inputs);
        return new Int8Weights(inputs, outputs, panels, scales, sums) { WideInputs = wideInputs, Wide = wide };
    }

    /// <summary>Room for a matrix of bytes.</summary>
    public static AlignedBuffer Rows(int inputs, int outputs) => new(((nint)outputs * inputs + sizeof(float) - 1) / sizeof(float));

    /// <summary>The sum of a row's elements.</summary>
    public static int Sum(sbyte* row, int count)
    {
        var sum = 0;
        for (var k = 0; k < count; k++)
            sum += row[k];
        return sum;
    }

    /// <summary>The inputs to be computed in float32, ascending: none where nothing is known of them.</summary>
    public static int[] WidestInputs(int inputs, float[]? magnitudes) =>
        magnitudes is null ? [] : [.. Enumerable.Range(0, inputs).OrderByDescending(i => magnitudes[i]).Take(inputs / WideShare).Order()];

    /// <summary>(outputs, wide inputs) of a weight; zero stays in their places.</summary>
    public static float[] TakeOut(float* weight, int inputs, int outputs, int[] wideInputs)
    {
        var taken = new float[outputs * wideInputs.Length];
        for (var i = 0; i < outputs; i++)
        {
            for (var k = 0; k < wideInputs.Length; k++)
            {
                var place = weight + (nint)i * inputs + wideInputs[k];
                taken[i * wideInputs.Length + k] = *place;
                *place = 0;
            }
        }
        return taken;
    }

    /// <summary>Multiplies the first outputs by a factor; called before the weights are used.</summary>
    public void Scale(int outputs, float factor)
    {
        if (outputs == 0)
            return;
        if (_scales is null)
        {
            _scales = new AlignedBuffer(Outputs);
            new ReadOnlySpan<float>(Scales, Outputs).CopyTo(new Span<float>(_scales.Start, Outputs));
            Scales = _scales.Start;
        }
        Span<float> scaled = new(Scales, outputs),
            wide = Wide.AsSpan(0, outputs * WideInputs.Length);
        TensorPrimitives.Multiply(scaled, factor, scaled);
        TensorPrimitives.Multiply(wide, factor, wide);
    }

    public void Dispose()
    {
        _panels?.Dispose();
        _scales?.Dispose();
        _sums?.Dispose();
    }
}
