using System.Numerics.Tensors;
using SearchEngine.Embeddings.Model;

namespace SearchEngine.Embeddings.Cpu;

/// <summary>
/// ModernBERT on one thread with this project's own kernels, told top to bottom. Texts are packed, so that nothing is computed for
/// padding; a text's result does not depend on its batch.
/// </summary>
internal sealed unsafe class CpuModernBertEncoder : TextEncoder
{
    private readonly CpuModernBertModel _model;
    private readonly PoolingMode _pooling;
    private readonly bool _int8;
    private readonly bool[] _global;
    private readonly CpuRotary _globalRotary;
    private readonly CpuRotary _localRotary;
    private readonly CpuScratch _scratch = new();
    private readonly CpuAttention _attention = new();
    private readonly AlignedBuffer _hidden = new();
    private readonly AlignedBuffer _normed = new();
    private readonly AlignedBuffer _wide = new();
    private readonly AlignedBuffer _attended = new();

    /// <param name="model">Shared; released on disposal.</param>
    /// <param name="pooling">How vectors are made.</param>
    /// <param name="int8">Whether the model's linear maps are in eight bits.</param>
    public CpuModernBertEncoder(CpuModernBertModel model, PoolingMode pooling, bool int8)
    {
        _model = model;
        _pooling = pooling;
        _int8 = int8;
        var config = model.Config;
        _global = [.. Enumerable.Range(0, config.Layers).Select(config.IsGlobal)];
        _globalRotary = new CpuRotary(config.GlobalTheta, config.HeadSize, null);
        _localRotary = new CpuRotary(config.LocalTheta, config.HeadSize, null);
        model.AddUser();
    }

    public override int Dimension => _model.Config.HiddenSize;

    public override int VocabularySize => _model.Config.VocabularySize;

    public override string Description => CpuKernels.Describe(_int8);

    public override float[][] Encode(ReadOnlySpan<EncoderInput> batch)
    {
        int tokens = 0,
            size = Dimension,
            stride = PackedPanels.Stride(size);
        foreach (var input in batch)
            tokens += input.Ids.Length;
        var hidden = _hidden.Reserve((nint)tokens * stride); // (tokens, hidden)
        var row = hidden;
        foreach (var input in batch)
        {
            foreach (var id in input.Ids)
            {
                _model.Words.Read(id, new Span<float>(row, size));
                new Span<float>(row + size, stride - size).Clear();
                row += stride;
            }
        }
        _model.EmbeddingNorm.Apply(hidden, hidden, tokens, stride);
        for (var i = 0; i < _model.Layers.Count; i++)
            Layer(i, batch, tokens, hidden, stride);
        _model.FinalNorm.Apply(hidden, hidden, tokens, stride);
        return CpuPooling.Pool(batch, hidden, stride, size, _pooling);
    }

    public override void Dispose()
    {
        _scratch.Dispose();
        _attention.Dispose();
        foreach (var buffer in new[] { _hidden, _normed, _wide, _attended })
            buffer.Dispose();
        _model.Release();
    }

    private void Layer(int index, ReadOnlySpan<EncoderInput> batch, int tokens, float* hidden, int stride)
    {
        var config = _model.Config;
        var layer = _model.Layers[index];
        int fusedStride = PackedPanels.Stride(3 * config.HiddenSize),
            innerStride = PackedPanels.Stride(2 * config.IntermediateSize);
        var normed = _normed.Reserve((nint)tokens * stride);
        var wide = _wide.Reserve((nint)tokens * Math.Max(fusedStride, innerStride));
        var attended = _attended.Reserve((nint)tokens * stride);
        layer.AttentionNorm?.Apply(hidden, normed, tokens, stride);
        layer.QueryKeyValue.Apply(
            layer.AttentionNorm is null ? hidden : normed,
            stride,
            tokens,
            wide,
            fusedStride,
            accumulate: false,
            _scratch
        );
        Rotate(_global[index] ? _globalRotary : _localRotary, batch, wide, fusedStride);
        _attention.Apply(
            batch,
            config.Heads,
            config.HeadSize,
            _global[index] ? int.MaxValue : config.Reach,
            wide,
            fusedStride,
            attended,
            stride
        );
        layer.Output.Apply(attended, stride, tokens, hidden, stride, accumulate: true, _scratch);

        layer.MlpNorm.Apply(hidden, normed, tokens, stride);
        layer.Up.Apply(normed, stride, tokens, wide, innerStride, accumulate: false, _scratch); // (tokens, 2·intermediate)
        for (var t = 0; t < tokens; t++)
        {
            var row = wide + (nint)t * innerStride;
            if (config.Activation == DecoderActivation.Gelu)
                CpuElementwise.Gelu(row, config.IntermediateSize);
            else
                CpuElementwise.GeluTanh(row, config.IntermediateSize);
            Span<float> activated = new(row, config.IntermediateSize);
            TensorPrimitives.Multiply(
                activated,
                new ReadOnlySpan<float>(row + config.IntermediateSize, config.IntermediateSize),
                activated
            );
        }
        layer.Down.Apply(wide, innerStride, tokens, hidden, stride, accumulate: true, _scratch);
    }

    /// <summary>Turns queries and keys by their positions.</summary>
    private void Rotate(CpuRotary rotary, ReadOnlySpan<EncoderInput> batch, float* fused, int stride)
    {
        foreach (var input in batch)
        {
            rotary.Reserve(input.Ids.Length);
            for (var t = 0; t < input.Ids.Length; t++, fused += stride)
                rotary.Rotate(fused, 2 * _model.Config.Heads, t);
        }
    }
}
