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
        float[][] vectors = new float[batch.Length][];
        for (int i = 0; i < vectors.Length; i++)
        {
            EncoderInput input = batch[i];
            (int from, int to) = pooling switch
            {
                PoolingMode.First => (0, 1),
                PoolingMode.Last => (input.Ids.Length - 1, input.Ids.Length),
                _ => (input.PoolStart, input.PoolEnd),
            };
            float[] vector = vectors[i] = new float[size];
            int count = to - from;
            double total = pooling == PoolingMode.WeightedMean ? count * (count + 1.0) / 2 : count;
            for (int t = from; t < to; t++)
            {
                float weight = (float)((pooling == PoolingMode.WeightedMean ? t - from + 1 : 1) / total);
                TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(hidden + (nint)t * stride, size), weight, vector, vector);
            }
            hidden += (nint)input.Ids.Length * stride;
        }
        return vectors;
    }
}
