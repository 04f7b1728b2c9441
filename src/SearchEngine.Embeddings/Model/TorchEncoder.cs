using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings;

/// <summary>The encoder that runs a <see cref="DecoderModel"/> through libtorch, on the CPU or a CUDA device.</summary>
internal sealed class TorchEncoder : TextEncoder
{
    private readonly DecoderModel _model;
    private readonly PoolingMode _pooling;

    /// <param name="model">In evaluation mode; owned from here on.</param>
    /// <param name="pooling">How vectors are made.</param>
    public TorchEncoder(DecoderModel model, PoolingMode pooling)
    {
        _model = model;
        _pooling = pooling;
    }

    public override int Dimension => _model.Config.HiddenSize;

    public override int VocabularySize => _model.Config.VocabularySize;

    public override string Description => $"libtorch {_model.Device} {_model.DataType}";

    public override float[][] Encode(ReadOnlySpan<EncoderInput> batch)
    {
        using IDisposable guard = inference_mode();
        using DisposeScope scope = NewDisposeScope();
        int[] lengths = new int[batch.Length];
        for (int i = 0; i < lengths.Length; i++)
            lengths[i] = batch[i].Ids.Length;
        SequenceLayout layout = SequenceLayout.Packed(lengths);
        long[] ids = new long[layout.Tokens];
        int at = 0;
        foreach (EncoderInput input in batch)
        {
            foreach (int id in input.Ids)
                ids[at++] = id;
        }
        Tensor hidden = _model.Forward(tensor(ids, device: _model.Device), layout); // (tokens, hidden)
        Tensor pooled = Pool(hidden, batch, layout).to(ScalarType.Float32).cpu().contiguous();
        ReadOnlySpan<float> values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(pooled.bytes);
        float[][] vectors = new float[batch.Length][];
        for (int i = 0; i < vectors.Length; i++)
            vectors[i] = values.Slice(i * Dimension, Dimension).ToArray();
        return vectors;
    }

    /// <summary>(tokens, hidden) to (texts, hidden), in float32.</summary>
    private Tensor Pool(Tensor hidden, ReadOnlySpan<EncoderInput> batch, SequenceLayout layout)
    {
        if (_pooling is PoolingMode.First or PoolingMode.Last)
        {
            long[] rows = new long[batch.Length];
            long offset = 0;
            for (int i = 0; i < rows.Length; i++)
            {
                rows[i] = _pooling == PoolingMode.First ? offset : offset + batch[i].Ids.Length - 1;
                offset += batch[i].Ids.Length;
            }
            return hidden.index_select(0, tensor(rows, device: hidden.device));
        }

        // A matrix of weights makes it one product; rows of a few thousand tokens are cheap beside the layers.
        float[] weights = new float[batch.Length * layout.Tokens];
        int start = 0;
        for (int i = 0; i < batch.Length; i++)
        {
            EncoderInput input = batch[i];
            int count = input.PoolEnd - input.PoolStart;
            double total = _pooling == PoolingMode.Mean ? count : count * (count + 1.0) / 2;
            for (int t = 0; t < count; t++)
                weights[i * layout.Tokens + start + input.PoolStart + t] = (float)((_pooling == PoolingMode.Mean ? 1 : t + 1) / total);
            start += input.Ids.Length;
        }
        Tensor matrix = tensor(weights, device: hidden.device).view(batch.Length, layout.Tokens);
        return matrix.matmul(hidden.to(ScalarType.Float32));
    }

    public override void Dispose() => _model.Dispose();
}
