using System.Numerics.Tensors;
using SearchEngine.Embeddings.Cpu;

namespace SearchEngine.Embeddings;

internal sealed unsafe partial class CpuEncoder
{
    /// <summary>Attention of every text of the batch.</summary>
    /// <param name="index">The layer's number.</param>
    /// <param name="layer">Its weights.</param>
    /// <param name="batch">The texts.</param>
    /// <param name="fused">(tokens, (heads + 2·keys)·size): queries, keys and values; queries and keys are turned in place</param>
    /// <param name="stride">Elements from row to row of it.</param>
    /// <param name="attended">(tokens, heads·size)</param>
    /// <param name="attendedStride">Elements from row to row of it.</param>
    private void Attention(
        int index,
        CpuLayer layer,
        ReadOnlySpan<EncoderInput> batch,
        float* fused,
        int stride,
        float* attended,
        int attendedStride
    )
    {
        var config = _model.Config;
        int heads = config.Heads,
            keys = config.KeyValueHeads,
            size = config.HeadSize;
        var rotary = config.IsSliding(index) ? _localRotary : _rotary;
        var scale = (float)(1 / Math.Sqrt(config.QueryPreAttentionScalar ?? size));
        foreach (var input in batch)
        {
            var length = input.Ids.Length;
            rotary.Reserve(length);
            for (var t = 0; t < length; t++)
            {
                var row = fused + (nint)t * stride;
                if (layer.QueryNorm is not null)
                {
                    for (var head = 0; head < heads; head++)
                        Norm(row + head * size, layer.QueryNorm, row + head * size, 1, size);
                    for (var head = heads; head < heads + keys; head++)
                        Norm(row + head * size, layer.KeyNorm!, row + head * size, 1, size);
                }
                rotary.Rotate(row, heads + keys, t);
                Span<float> queries = new(row, heads * size);
                TensorPrimitives.Multiply(queries, scale, queries);
            }
            for (var key = 0; key < keys; key++)
                Group(index, length, key, fused, stride, attended, attendedStride);
            fused += (nint)length * stride;
            attended += (nint)length * attendedStride;
        }
    }

    /// <summary>One key head of one text, with the query heads that use it.</summary>
    private void Group(int index, int length, int key, float* fused, int stride, float* attended, int attendedStride)
    {
        var config = _model.Config;
        int heads = config.Heads,
            size = config.HeadSize,
            group = heads / config.KeyValueHeads;
        var keys = fused + (heads + key) * size;
        var values = fused + (heads + config.KeyValueHeads + key) * size;
        var packedKeys = _keys.Reserve(PackedPanels.Size(size, length));
        var packedValues = _values.Reserve(PackedPanels.Size(length, size));
        PackedPanels.PackTransposed(keys, stride, size, length, packedKeys);
        PackedPanels.Pack(values, stride, length, size, packedValues);
        var scoreStride = PackedPanels.Stride(length);
        var scores = _scores.Reserve((nint)length * scoreStride);
        for (var head = key * group; head < (key + 1) * group; head++)
        {
            PackedPanels.Multiply(fused + head * size, stride, length, packedKeys, size, length, scores, scoreStride, accumulate: false);
            var output = attended + head * size;
            var shares = Row(length);
            for (var t = 0; t < length; t++)
            {
                (var from, var to) = Visible(index, t, length);
                shares[t] = Weigh(scores + (nint)t * scoreStride, from, to, length);
            }
            PackedPanels.Multiply(scores, scoreStride, length, packedValues, length, size, output, attendedStride, accumulate: false);
            for (var t = 0; t < length; t++)
            {
                Span<float> row = new(output + (nint)t * attendedStride, size);
                TensorPrimitives.Multiply(row, shares[t], row);
            }
        }
    }

    /// <summary>The keys that position <paramref name="t"/> sees: from the first up to before the second.</summary>
    private (int From, int To) Visible(int index, int t, int length)
    {
        var config = _model.Config;
        if (!config.IsSliding(index) || !(_causal || config.TwoSidedWindow))
            return (0, _causal ? t + 1 : length);
        var window = config.SlidingWindow!.Value;
        return _causal ? (Math.Max(0, t + 1 - window), t + 1) : (Math.Max(0, t - window / 2), Math.Min(length, t + window / 2 + 1));
    }

    /// <summary>Scores to weights; hidden keys get zero.</summary>
    /// <returns>1 / the sum of the weights.</returns>
    private float Weigh(float* row, int from, int to, int length)
    {
        if (_model.Config.AttentionSoftcap is double cap)
        {
            Span<float> visible = new(row + from, to - from);
            TensorPrimitives.Divide(visible, (float)cap, visible);
            TensorPrimitives.Tanh(visible, visible);
            TensorPrimitives.Multiply(visible, (float)cap, visible);
        }
        var share = CpuElementwise.ExpShifted(row + from, to - from);
        new Span<float>(row, from).Clear();
        new Span<float>(row + to, length - to).Clear();
        return share;
    }
}
