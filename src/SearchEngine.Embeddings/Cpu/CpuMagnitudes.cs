using SearchEngine.Embeddings.Model;

namespace SearchEngine.Embeddings.Cpu;

/// <summary>
/// About how large the elements of a hidden row get, from the weights alone: a normed element is its bias plus a unit normal times its
/// weight, give or take, and a linear map of them is normal again. Serves eight-bit maps, whose
/// widest inputs are computed in float32.
/// </summary>
internal static class CpuMagnitudes
{
    /// <summary>Standard deviations that count as "large".</summary>
    private const double Deviations = 3;

    /// <summary>The smallest value of GELU is -0.17: no channel's outputs are smaller than this.</summary>
    private const double GeluFloor = 0.17;

    /// <summary>Inputs of a BERT layer's map, where some are known to get much larger than others; else null.</summary>
    /// <param name="weights">The checkpoint, with float weights.</param>
    /// <param name="map">Its name without ".weight".</param>
    public static float[]? OfInputs(EncoderWeights weights, string map)
    {
        const string Up = "intermediate.dense",
            Down = "output.dense",
            AfterAttention = "attention.output.",
            Norm = "attention.output.LayerNorm";
        return map.EndsWith(Up, StringComparison.Ordinal) ? OfNorm(weights, map[..^Up.Length] + Norm)
            : map.EndsWith(Down, StringComparison.Ordinal) && !map.Contains(AfterAttention, StringComparison.Ordinal)
                ? OfGelu(weights, map[..^Down.Length] + Up, map[..^Down.Length] + Norm)
            : null;
    }

    /// <summary>Elements behind a layer norm.</summary>
    private static float[] OfNorm(EncoderWeights weights, string name)
    {
        float[] weight = weights.ReadArray(name + ".weight"),
            bias = weights.ReadArray(name + ".bias");
        return [.. weight.Select((w, i) => (float)(Math.Abs(bias[i]) + Deviations * Math.Abs(w)))];
    }

    /// <summary>Elements behind GELU of a linear map of normed elements.</summary>
    private static float[] OfGelu(EncoderWeights weights, string map, string norm)
    {
        float[] matrix = weights.ReadArray(map + ".weight"),
            bias = weights.ReadArray(map + ".bias");
        float[] scale = weights.ReadArray(norm + ".weight"),
            shift = weights.ReadArray(norm + ".bias");
        var magnitudes = new float[bias.Length];
        for (var i = 0; i < magnitudes.Length; i++)
        {
            double mean = bias[i],
                variance = 0;
            for (var j = 0; j < scale.Length; j++)
            {
                double w = matrix[i * scale.Length + j];
                mean += w * shift[j];
                variance += w * w * scale[j] * scale[j];
            }
            magnitudes[i] = (float)Math.Max(GeluFloor, mean + Deviations * Math.Sqrt(variance));
        }
        return magnitudes;
    }
}
