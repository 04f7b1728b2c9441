using System.Numerics.Tensors;

namespace SearchEngine.Embeddings.Weights;

/// <summary>An adapter's open weights, to be merged into layers one at a time.</summary>
internal sealed class AdapterSession(
    SafetensorsSet weights,
    IReadOnlyDictionary<string, LoraPair> pairs,
    IReadOnlyDictionary<string, SafetensorsEntry> saved
) : IDisposable
{
    public SafetensorsSet Weights => weights;

    /// <summary>A and B by the projection's place, for example layers.0.self_attn.q_proj.</summary>
    public IReadOnlyDictionary<string, LoraPair> Pairs => pairs;

    /// <summary>Tensors that take the place of the model's own (modules_to_save), by the model's names.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Saved => saved;

    /// <summary>Adds the update of one projection to its weights in memory.</summary>
    /// <param name="place">The projection; nothing happens if the adapter does not cover it.</param>
    /// <param name="weight">(rows, inputs), contiguous</param>
    public unsafe void MergeInto(string place, float* weight)
    {
        if (!pairs.TryGetValue(place, out var pair))
            return;
        float[] a = WeightReader.ReadArray(weights, pair.A),
            b = WeightReader.ReadArray(weights, pair.B);
        var magnitude = pair.Magnitude is null ? null : WeightReader.ReadArray(weights, pair.Magnitude);
        int rank = (int)pair.A.Shape[0],
            inputs = (int)pair.A.Shape[1];
        Parallel.For(
            0,
            (int)pair.B.Shape[0],
            row =>
            {
                Span<float> target = new(weight + (nint)row * inputs, inputs);
                for (var j = 0; j < rank; j++)
                    TensorPrimitives.MultiplyAdd(a.AsSpan(j * inputs, inputs), (float)(pair.Scale * b[row * rank + j]), target, target);
                if (magnitude is not null)
                    TensorPrimitives.Multiply(target, magnitude[row] / TensorPrimitives.Norm(target), target);
            }
        );
    }

    /// <summary>Reads a whole tensor that takes the place of the model's; false if the adapter has none of this name.</summary>
    public unsafe bool TryReadSaved(string name, float* target)
    {
        if (!saved.TryGetValue(name, out var entry))
            return false;
        WeightReader.Read(weights, entry, target);
        return true;
    }

    public void Dispose() => weights.Dispose();
}
