using System.Numerics.Tensors;
using SearchEngine.Embeddings.Model;

namespace SearchEngine.Embeddings.Cpu;

/// <summary>Prepares linear maps of encoder checkpoints.</summary>
internal static unsafe class CpuLinears
{
    /// <summary>Reads maps of the same inputs below each other into one.</summary>
    /// <param name="weights">The checkpoint.</param>
    /// <param name="inputs">Elements of an input row.</param>
    /// <param name="parts">Names without ".weight", and output elements of each.</param>
    /// <param name="hasBias">Whether each part has a bias.</param>
    /// <param name="int8">Eight-bit weights.</param>
    /// <param name="queryRows">So many first outputs are multiplied by <paramref name="queryScale"/>, so that scores need no
    /// scaling.</param>
    /// <param name="queryScale">The factor.</param>
    /// <param name="magnitudes">About how large each input gets, for eight-bit weights; null for no difference.</param>
    /// <param name="fine">Whether inputs beside eight-bit weights get sixteen bits.</param>
    public static CpuLinear Load(
        EncoderWeights weights,
        int inputs,
        (string Name, int Outputs)[] parts,
        bool hasBias,
        bool int8,
        int queryRows = 0,
        float queryScale = 1,
        float[]? magnitudes = null,
        bool fine = false
    )
    {
        int outputs = parts.Sum(part => part.Outputs),
            offset = 0;
        using AlignedBuffer whole = new((nint)outputs * inputs);
        var bias = hasBias ? new float[outputs] : null;
        foreach ((var name, var rows) in parts)
        {
            weights.Read(name + ".weight", whole.Start + (nint)offset * inputs);
            if (bias is not null)
                weights.Array(name + ".bias").CopyTo(bias, offset);
            offset += rows;
        }
        for (var i = 0; i < queryRows; i++)
        {
            Span<float> row = new(whole.Start + (nint)i * inputs, inputs);
            TensorPrimitives.Multiply(row, queryScale, row);
        }
        if (bias is not null && queryRows > 0)
            TensorPrimitives.Multiply(bias.AsSpan(0, queryRows), queryScale, bias);
        return int8
            ? new Int8Linear(whole.Start, inputs, outputs, bias, magnitudes, fine)
            : new FloatLinear(whole.Start, inputs, outputs, bias);
    }
}
