using System.Numerics.Tensors;
using SearchEngine.Embeddings.Cpu.EightBit;
using SearchEngine.Embeddings.Cpu.Packing;
using SearchEngine.Embeddings.Weights;

namespace SearchEngine.Embeddings.Cpu;

/// <summary>Prepares linear maps of checkpoints.</summary>
internal static unsafe class CpuLinears
{
    private const string PanelsSuffix = "_float32_panels";

    /// <summary>Makes one map of several with the same inputs, whose outputs follow each other.</summary>
    /// <param name="source">The checkpoint, which must stay open: weights that are in eight bits there are used where they lie.</param>
    /// <param name="packed">Where what is made of the weights is found, or goes to be kept; null for neither.</param>
    /// <param name="inputs">Elements of an input row.</param>
    /// <param name="parts">Names without ".weight", and output elements of each.</param>
    /// <param name="hasBias">Whether each part has a bias.</param>
    /// <param name="int8">Eight-bit weights.</param>
    /// <param name="queryRows">So many first outputs are multiplied by <paramref name="queryScale"/>, so that scores need no
    /// scaling.</param>
    /// <param name="queryScale">The factor.</param>
    /// <param name="magnitudes">About how large each input gets, for float weights that become eight bits; null for no difference.</param>
    /// <param name="fine">Whether inputs beside eight-bit weights get sixteen bits.</param>
    public static CpuLinear Load(
        IWeightSource source,
        PackedWeights? packed,
        int inputs,
        IReadOnlyList<(string Name, int Outputs)> parts,
        bool hasBias,
        bool int8,
        int queryRows = 0,
        float queryScale = 1,
        Func<float[]>? magnitudes = null,
        bool fine = false
    )
    {
        var bias = hasBias ? new float[parts.Sum(part => part.Outputs)] : null;
        if (bias is not null)
        {
            var offset = 0;
            foreach ((var name, var rows) in parts)
            {
                source.ReadArray(name + ".bias").CopyTo(bias, offset);
                offset += rows;
            }
            TensorPrimitives.Multiply(bias.AsSpan(0, queryRows), queryScale, bias);
        }
        return int8
            ? EightBit(source, packed, inputs, parts, bias, queryRows, queryScale, magnitudes, fine)
            : Float(source, packed, inputs, parts, bias, queryRows, queryScale);
    }

    private static FloatLinear Float(
        IWeightSource source,
        PackedWeights? packed,
        int inputs,
        IReadOnlyList<(string Name, int Outputs)> parts,
        float[]? bias,
        int queryRows,
        float queryScale
    )
    {
        var outputs = parts.Sum(part => part.Outputs);
        var name = parts[0].Name + PanelsSuffix;
        var bytes = PackedPanels.Size(inputs, outputs) * sizeof(float);
        var found = (float*)(packed is null ? null : packed.Find(name, bytes));
        if (found is not null)
            return FloatLinear.OfPanels(found, inputs, outputs, bias);
        using AlignedBuffer whole = new((nint)outputs * inputs);
        var target = whole.Start;
        foreach ((var part, var rows) in parts)
        {
            source.Read(part + ".weight", target);
            target += (nint)rows * inputs;
        }
        for (var i = 0; i < queryRows; i++)
        {
            Span<float> row = new(whole.Start + (nint)i * inputs, inputs);
            TensorPrimitives.Multiply(row, queryScale, row);
        }
        FloatLinear made = new(whole.Start, inputs, outputs, bias);
        if (packed?.Take(name, made.Panels, bytes) == true)
            made.Dispose();
        return made;
    }

    private static Int8Linear EightBit(
        IWeightSource source,
        PackedWeights? packed,
        int inputs,
        IReadOnlyList<(string Name, int Outputs)> parts,
        float[]? bias,
        int queryRows,
        float queryScale,
        Func<float[]>? magnitudes,
        bool fine
    )
    {
        List<Int8Weights> weights = [];
        try
        {
            foreach ((var name, var rows) in parts)
            {
                var made = !IsPacked(source.Stored(name + ".weight"));
                var part = made ? packed?.FindEightBit(name, inputs, rows) : null;
                if (part is not null)
                {
                    weights.Add(part);
                }
                else
                {
                    part = EightBit(source, name + ".weight", inputs, rows, magnitudes);
                    weights.Add(part);
                    part.Scale(Math.Clamp(queryRows, 0, rows), queryScale);
                    if (made && packed?.TakeEightBit(name, part) == true)
                        part.Dispose();
                }
                queryRows -= rows;
                if (!part.WideInputs.AsSpan().SequenceEqual(weights[0].WideInputs))
                {
                    throw new ModelFormatException(
                        source.Weights.Path,
                        $"tensor '{name}.weight' keeps other columns in float32 than '{parts[0].Name}.weight', which has the same inputs; quantize the model again."
                    );
                }
            }
            return new Int8Linear(weights, bias, fine);
        }
        catch
        {
            foreach (var part in weights)
                part.Dispose();
            throw;
        }
    }

    /// <summary>Whether a tensor lies in its file as the eight-bit kernels read it.</summary>
    public static bool IsPacked(SafetensorsEntry? stored) => stored is QuantizedEntry { Form: QuantizedForm.Int8Panels };

    private static Int8Weights EightBit(IWeightSource source, string name, int inputs, int rows, Func<float[]>? magnitudes)
    {
        if (source.Stored(name) is QuantizedEntry quantized)
        {
            return quantized is { Form: not QuantizedForm.Int8Rows, ColumnScales: null }
                ? QuantizedReader.Map(source.Weights, quantized)
                : throw new ModelFormatException(source.Weights.Path, $"tensor '{name}' is a linear map, but is stored as a token table.");
        }
        using AlignedBuffer weight = new((nint)rows * inputs);
        source.Read(name, weight.Start);
        return Int8Weights.Quantize(weight.Start, inputs, rows, magnitudes?.Invoke());
    }
}
