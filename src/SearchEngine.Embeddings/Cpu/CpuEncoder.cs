using System.Numerics.Tensors;
using SearchEngine.Embeddings.Cpu;

namespace SearchEngine.Embeddings;

/// <summary>
/// The encoder that runs a <see cref="CpuModel"/> on one thread with this project's own kernels. Throughput comes from one encoder for
/// each core, which share the weights and never wait for each other; texts are packed, so that nothing is computed for padding. All
/// arithmetic is float32 (or exact integers inside eight-bit products), and a text's result does not depend on its batch.
/// </summary>
internal sealed unsafe partial class CpuEncoder : TextEncoder
{
    private readonly CpuModel _model;
    private readonly PoolingMode _pooling;
    private readonly bool _causal;
    private readonly bool _int8;
    private readonly CpuRotary _rotary;
    private readonly CpuRotary _localRotary;
    private readonly CpuScratch _scratch = new();
    private readonly AlignedBuffer _hidden = new();
    private readonly AlignedBuffer _normed = new();
    private readonly AlignedBuffer _wide = new();
    private readonly AlignedBuffer _attended = new();
    private readonly AlignedBuffer _scores = new();
    private readonly AlignedBuffer _keys = new();
    private readonly AlignedBuffer _values = new();
    private float[] _row = [];

    /// <param name="model">Shared; released on disposal.</param>
    /// <param name="causal">Whether a position sees only itself and what is before it.</param>
    /// <param name="pooling">How vectors are made.</param>
    /// <param name="int8">Whether the model's linear maps are in eight bits.</param>
    public CpuEncoder(CpuModel model, bool causal, PoolingMode pooling, bool int8)
    {
        _model = model;
        _causal = causal;
        _pooling = pooling;
        _int8 = int8;
        var config = model.Config;
        _rotary = new CpuRotary(config.RopeTheta, config.HeadSize, config.RopeScaling);
        _localRotary = config.LocalRopeTheta is double theta ? new CpuRotary(theta, config.HeadSize, null) : _rotary;
        model.AddUser();
    }

    public override int Dimension => _model.Config.HiddenSize;

    public override int VocabularySize => _model.Config.VocabularySize;

    public override string Description => CpuKernels.Describe(_int8);

    public override float[][] Encode(ReadOnlySpan<EncoderInput> batch)
    {
        var config = _model.Config;
        var tokens = 0;
        foreach (var input in batch)
            tokens += input.Ids.Length;
        var stride = PackedPanels.Stride(config.HiddenSize);
        var hidden = _hidden.Reserve((nint)tokens * stride);
        Embed(batch, hidden, stride);
        for (var i = 0; i < config.Layers; i++)
            Layer(i, batch, tokens, hidden, stride);
        return Pool(batch, hidden, stride);
    }

    public override void Dispose()
    {
        _scratch.Dispose();
        foreach (var buffer in new[] { _hidden, _normed, _wide, _attended, _scores, _keys, _values })
            buffer.Dispose();
        _model.Release();
    }

    private void Embed(ReadOnlySpan<EncoderInput> batch, float* hidden, int stride)
    {
        var size = _model.Config.HiddenSize;
        var scale = _model.Config.ScaleEmbeddings ? (float)Math.Sqrt(size) : 1;
        foreach (var input in batch)
        {
            foreach (var id in input.Ids)
            {
                Span<float> target = new(hidden, size);
                _model.Embedding.Read(id, target);
                if (scale != 1)
                    TensorPrimitives.Multiply(target, scale, target);
                new Span<float>(hidden + size, stride - size).Clear();
                hidden += stride;
            }
        }
    }

    private void Layer(int index, ReadOnlySpan<EncoderInput> batch, int tokens, float* hidden, int stride)
    {
        var config = _model.Config;
        var layer = _model.Layers[index];
        var normed = _normed.Reserve((nint)tokens * stride);
        Norm(hidden, layer.InputNorm, normed, tokens, stride);

        var wideStride = PackedPanels.Stride(layer.QueryKeyValue.Outputs);
        var wide = _wide.Reserve((nint)tokens * Math.Max(wideStride, PackedPanels.Stride(layer.GateUp.Outputs)));
        layer.QueryKeyValue.Apply(normed, stride, tokens, wide, wideStride, accumulate: false, _scratch);
        var attendedStride = PackedPanels.Stride(layer.Output.Inputs);
        var attended = _attended.Reserve((nint)tokens * attendedStride);
        Attention(index, layer, batch, wide, wideStride, attended, attendedStride);

        if (layer.PostFeedForwardNorm is null)
        {
            layer.Output.Apply(attended, attendedStride, tokens, hidden, stride, accumulate: true, _scratch);
            Norm(hidden, layer.PostAttentionNorm, normed, tokens, stride);
            FeedForward(layer, normed, tokens, stride, wide);
            layer.Down.Apply(wide, PackedPanels.Stride(layer.GateUp.Outputs), tokens, hidden, stride, accumulate: true, _scratch);
            return;
        }
        layer.Output.Apply(attended, attendedStride, tokens, normed, stride, accumulate: false, _scratch);
        Norm(normed, layer.PostAttentionNorm, normed, tokens, stride);
        Add(hidden, normed, tokens, stride);
        Norm(hidden, layer.PreFeedForwardNorm!, normed, tokens, stride);
        FeedForward(layer, normed, tokens, stride, wide);
        layer.Down.Apply(wide, PackedPanels.Stride(layer.GateUp.Outputs), tokens, normed, stride, accumulate: false, _scratch);
        Norm(normed, layer.PostFeedForwardNorm, normed, tokens, stride);
        Add(hidden, normed, tokens, stride);
    }

    /// <summary>activation(gate) · up, left where the gate was: the first half of each row of <paramref name="wide"/>.</summary>
    private void FeedForward(CpuLayer layer, float* normed, int tokens, int stride, float* wide)
    {
        var inner = _model.Config.IntermediateSize;
        var wideStride = PackedPanels.Stride(layer.GateUp.Outputs);
        layer.GateUp.Apply(normed, stride, tokens, wide, wideStride, accumulate: false, _scratch);
        for (var t = 0; t < tokens; t++)
        {
            Span<float> gate = new(wide + (nint)t * wideStride, inner);
            ReadOnlySpan<float> up = new(wide + (nint)t * wideStride + inner, inner);
            CpuActivations.GateTimesUp(_model.Config.Activation, gate, up, Row(inner));
        }
    }

    private void Norm(float* source, float[] weight, float* target, int tokens, int stride)
    {
        for (var t = 0; t < tokens; t++)
        {
            ReadOnlySpan<float> row = new(source + (nint)t * stride, weight.Length);
            var factor = (float)(1 / Math.Sqrt(TensorPrimitives.SumOfSquares(row) / (double)weight.Length + _model.Config.NormEpsilon));
            CpuActivations.ScaleByWeight(row, factor, weight, new Span<float>(target + (nint)t * stride, weight.Length));
        }
    }

    private static void Add(float* target, float* addend, int tokens, int stride)
    {
        Span<float> all = new(target, tokens * stride);
        TensorPrimitives.Add(all, new ReadOnlySpan<float>(addend, tokens * stride), all);
    }

    private float[][] Pool(ReadOnlySpan<EncoderInput> batch, float* hidden, int stride)
    {
        var size = Dimension;
        var vectors = new float[batch.Length][];
        var normed = Row(size);
        for (var i = 0; i < vectors.Length; i++)
        {
            var input = batch[i];
            (var from, var to) = input.KeepsStates ? (input.PoolStart, input.PoolEnd) : input.PooledTokens(_pooling);
            var vector = vectors[i] = new float[input.KeepsStates ? (to - from) * size : size];
            for (var t = from; t < to; t++)
            {
                fixed (float* target = normed)
                    Norm(hidden + (nint)t * stride, _model.FinalNorm, target, 1, stride);
                if (input.KeepsStates)
                    normed.CopyTo(vector.AsSpan((t - from) * size));
                else
                    CpuPooling.Add(normed, vector, t - from, to - from, _pooling);
            }
            hidden += (nint)input.Ids.Length * stride;
        }
        return vectors;
    }

    private Span<float> Row(int elements)
    {
        if (_row.Length < elements)
            _row = new float[elements];
        return _row.AsSpan(0, elements);
    }
}
