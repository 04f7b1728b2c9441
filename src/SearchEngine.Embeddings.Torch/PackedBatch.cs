using static TorchSharp.torch;

namespace SearchEngine.Embeddings.Torch;

/// <summary>
/// A batch of texts packed for libtorch, and the way from hidden states to pooled vectors. Its tensors belong to the current scope.
/// </summary>
internal sealed class PackedBatch
{
    private readonly EncoderInput[] _batch;

    /// <param name="batch">Texts, best sorted by length.</param>
    /// <param name="device">Where they are computed.</param>
    /// <param name="padded">Whether texts of several lengths share an attention call.</param>
    public PackedBatch(ReadOnlySpan<EncoderInput> batch, Device device, bool padded)
    {
        _batch = batch.ToArray();
        Layout = SequenceLayout.Packed(Array.ConvertAll(_batch, input => input.Ids.Length));
        var ids = new long[Layout.Tokens];
        var at = 0;
        foreach (var input in batch)
        {
            foreach (var id in input.Ids)
                ids[at++] = id;
        }
        Ids = DeviceTransfer.Upload(ids, device);
        Blocks = AttentionBlock.Of(Layout, device, padded);
    }

    public SequenceLayout Layout { get; }

    /// <summary>What attention takes at once.</summary>
    public IReadOnlyList<AttentionBlock> Blocks { get; }

    /// <summary>(tokens) of int64</summary>
    public Tensor Ids { get; }

    /// <summary>Pooled vectors in float32.</summary>
    /// <param name="hidden">(tokens, hidden)</param>
    /// <param name="pooling">How vectors are made.</param>
    public float[][] Pool(Tensor hidden, PoolingMode pooling)
    {
        var size = (int)hidden.shape[1];
        if (Array.Exists(_batch, input => input.KeepsStates))
            return States(hidden, size, pooling);
        var values = DeviceTransfer.Download(Pooled(hidden, size, pooling).contiguous());
        var vectors = new float[_batch.Length][];
        for (var i = 0; i < vectors.Length; i++)
            vectors[i] = values.AsSpan(i * size, size).ToArray();
        return vectors;
    }

    /// <summary>All states are read back; texts whose states are not kept are pooled here.</summary>
    private float[][] States(Tensor hidden, int size, PoolingMode pooling)
    {
        var values = DeviceTransfer.Download(hidden.to(ScalarType.Float32).contiguous());
        var vectors = new float[_batch.Length][];
        var start = 0;
        for (var i = 0; i < vectors.Length; i++)
        {
            var input = _batch[i];
            (var from, var to) = input.KeepsStates ? (input.PoolStart, input.PoolEnd) : input.PooledTokens(pooling);
            var states = values.AsSpan((start + from) * size, (to - from) * size);
            start += input.Ids.Length;
            if (input.KeepsStates)
            {
                vectors[i] = states.ToArray();
                continue;
            }
            vectors[i] = new float[size];
            for (var t = 0; t < to - from; t++)
                CpuPooling.Add(states.Slice(t * size, size), vectors[i], t, to - from, pooling);
        }
        return vectors;
    }

    /// <summary>Each token's type, (tokens) of int64; null where all are of type 0.</summary>
    public Tensor? Types(Device device)
    {
        if (!Array.Exists(_batch, input => input.FirstTexts is not null))
            return null;
        var types = new long[Layout.Tokens];
        var at = 0;
        foreach (var input in _batch)
        {
            for (var t = 0; t < input.Ids.Length; t++)
                types[at++] = t >= (input.FirstTexts ?? int.MaxValue) ? 1 : 0;
        }
        return DeviceTransfer.Upload(types, device);
    }

    /// <summary>(tokens, hidden) to (texts, hidden), in float32.</summary>
    private Tensor Pooled(Tensor hidden, int size, PoolingMode pooling)
    {
        if (pooling is PoolingMode.First or PoolingMode.Last)
        {
            var rows = new long[_batch.Length];
            long start = 0;
            for (var i = 0; i < rows.Length; i++)
            {
                rows[i] = start + _batch[i].PooledTokens(pooling).From;
                start += _batch[i].Ids.Length;
            }
            return hidden.index_select(0, DeviceTransfer.Upload(rows, hidden.device)).to(ScalarType.Float32);
        }

        if (pooling == PoolingMode.Max)
        {
            var largest = new Tensor[_batch.Length];
            long first = 0;
            for (var i = 0; i < largest.Length; i++)
            {
                var input = _batch[i];
                largest[i] = hidden.narrow(0, first + input.PoolStart, input.PoolEnd - input.PoolStart).to(ScalarType.Float32).amax([0L]);
                first += input.Ids.Length;
            }
            return stack(largest, 0);
        }

        var weights = DeviceTransfer.Upload(Weights(pooling), hidden.device); // (tokens)
        List<Tensor> pooled = [];
        Tensor[] stateRows = AttentionBlock.Split(Blocks, hidden),
            weightRows = AttentionBlock.Split(Blocks, weights);
        for (var i = 0; i < Blocks.Count; i++)
        {
            var block = Blocks[i];
            var states = block.Spread(stateRows[i]).view(block.Group.Count, block.Group.Length, size).to(ScalarType.Float32);
            var shares = block.Spread(weightRows[i]).view(block.Group.Count, 1, block.Group.Length);
            pooled.Add(shares.bmm(states).view(block.Group.Count, size));
        }
        return pooled.Count == 1 ? pooled[0] : cat(pooled, 0);
    }

    /// <summary>Each token's share in its text's vector.</summary>
    private float[] Weights(PoolingMode pooling)
    {
        var weights = new float[Layout.Tokens];
        var start = 0;
        foreach (var input in _batch)
        {
            var count = input.PoolEnd - input.PoolStart;
            for (var t = 0; t < count; t++)
                weights[start + input.PoolStart + t] = CpuPooling.Share(t, count, pooling);
            start += input.Ids.Length;
        }
        return weights;
    }
}
