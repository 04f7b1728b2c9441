using System.Numerics.Tensors;

namespace SearchEngine.Embeddings.Cpu;

/// <summary>Pooled vectors of packed texts from their hidden states.</summary>
internal static unsafe class CpuPooling
{
    /// <param name="batch">The texts.</param>
    /// <param name="hidden">(tokens, size), <paramref name="stride"/> elements apart</param>
    /// <param name="stride">Elements from row to row.</param>
    /// <param name="size">Elements of a hidden state.</param>
    /// <param name="pooling">How vectors are made.</param>
    public static float[][] Pool(ReadOnlySpan<EncoderInput> batch, float* hidden, int stride, int size, PoolingMode pooling)
    {
        var vectors = new float[batch.Length][];
        for (var i = 0; i < vectors.Length; i++)
        {
            var input = batch[i];
            if (input.KeepsStates)
            {
                var states = vectors[i] = new float[(input.PoolEnd - input.PoolStart) * size];
                for (var t = input.PoolStart; t < input.PoolEnd; t++)
                    new ReadOnlySpan<float>(hidden + (nint)t * stride, size).CopyTo(states.AsSpan((t - input.PoolStart) * size));
                hidden += (nint)input.Ids.Length * stride;
                continue;
            }
            (var from, var to) = input.PooledTokens(pooling);
            var vector = vectors[i] = new float[size];
            for (var t = from; t < to; t++)
                Add(new ReadOnlySpan<float>(hidden + (nint)t * stride, size), vector, t - from, to - from, pooling);
            hidden += (nint)input.Ids.Length * stride;
        }
        return vectors;
    }

    /// <summary>Adds one token's state to the vector that is being made.</summary>
    /// <param name="state">(size)</param>
    /// <param name="vector">(size); zeros before the first token.</param>
    /// <param name="index">The token's number among those that are pooled.</param>
    /// <param name="count">How many are.</param>
    /// <param name="pooling">How the vector is made.</param>
    public static void Add(ReadOnlySpan<float> state, Span<float> vector, int index, int count, PoolingMode pooling)
    {
        if (pooling == PoolingMode.Max)
        {
            if (index == 0)
                state.CopyTo(vector);
            else
                TensorPrimitives.Max(vector, state, vector);
            return;
        }
        TensorPrimitives.MultiplyAdd(state, Share(index, count, pooling), vector, vector);
    }

    /// <summary>A token's share in a vector that is a sum.</summary>
    public static float Share(int index, int count, PoolingMode pooling) =>
        (float)(
            pooling switch
            {
                PoolingMode.WeightedMean => (index + 1) / (count * (count + 1.0) / 2),
                PoolingMode.MeanSqrtLength => 1 / Math.Sqrt(count),
                _ => 1.0 / count,
            }
        );
}
