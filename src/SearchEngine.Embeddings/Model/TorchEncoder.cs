using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings;

/// <summary>
/// The encoder that runs a <see cref="DecoderModel"/> through libtorch, on the CPU or a CUDA device. Several may share a model: work is
/// put into a CUDA device's queue without waiting, so that with two of them the next batch is in the queue before this one's vectors
/// are read back, and the device never waits for the host.
/// </summary>
internal sealed class TorchEncoder : TextEncoder
{
    private readonly SharedModel _shared;
    private readonly DecoderModel _model;
    private readonly PoolingMode _pooling;

    /// <param name="shared">In evaluation mode; released on disposal.</param>
    /// <param name="pooling">How vectors are made.</param>
    public TorchEncoder(SharedModel shared, PoolingMode pooling)
    {
        shared.AddUser();
        _shared = shared;
        _model = shared.Model;
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
        Tensor hidden = _model.Forward(DeviceTransfer.Upload(ids, _model.Device), layout); // (tokens, hidden)
        float[] values = DeviceTransfer.Download(Pool(hidden, batch, layout).contiguous());
        float[][] vectors = new float[batch.Length][];
        for (int i = 0; i < vectors.Length; i++)
            vectors[i] = values.AsSpan(i * Dimension, Dimension).ToArray();
        return vectors;
    }

    /// <summary>(tokens, hidden) to (texts, hidden), in float32.</summary>
    private Tensor Pool(Tensor hidden, ReadOnlySpan<EncoderInput> batch, SequenceLayout layout)
    {
        if (_pooling is PoolingMode.First or PoolingMode.Last)
        {
            long[] rows = new long[batch.Length];
            long start = 0;
            for (int i = 0; i < rows.Length; i++)
            {
                rows[i] = _pooling == PoolingMode.First ? start : start + batch[i].Ids.Length - 1;
                start += batch[i].Ids.Length;
            }
            return hidden.index_select(0, DeviceTransfer.Upload(rows, hidden.device)).to(ScalarType.Float32);
        }

        Tensor weights = DeviceTransfer.Upload(Weights(batch, layout), hidden.device); // (tokens)
        List<Tensor> pooled = [];
        long offset = 0;
        foreach (SequenceGroup group in layout.Groups)
        {
            long rows = (long)group.Count * group.Length;
            Tensor states = hidden.narrow(0, offset, rows).view(group.Count, group.Length, Dimension).to(ScalarType.Float32);
            Tensor shares = weights.narrow(0, offset, rows).view(group.Count, 1, group.Length);
            pooled.Add(shares.bmm(states).view(group.Count, Dimension));
            offset += rows;
        }
        return pooled.Count == 1 ? pooled[0] : cat(pooled, 0);
    }

    /// <summary>Each token's share in its text's vector; those of a text sum to one.</summary>
    private float[] Weights(ReadOnlySpan<EncoderInput> batch, SequenceLayout layout)
    {
        float[] weights = new float[layout.Tokens];
        int start = 0;
        foreach (EncoderInput input in batch)
        {
            int count = input.PoolEnd - input.PoolStart;
            double total = _pooling == PoolingMode.Mean ? count : count * (count + 1.0) / 2;
            for (int t = 0; t < count; t++)
                weights[start + input.PoolStart + t] = (float)((_pooling == PoolingMode.Mean ? 1 : t + 1) / total);
            start += input.Ids.Length;
        }
        return weights;
    }

    public override void Dispose() => _shared.Release();
}
