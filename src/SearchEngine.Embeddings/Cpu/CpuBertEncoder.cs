using System.Numerics.Tensors;
using SearchEngine.Embeddings.Model;

namespace SearchEngine.Embeddings.Cpu;

/// <summary>
/// BERT, RoBERTa and XLM-RoBERTa on one thread with this project's own kernels, told top to bottom. Texts are packed, so that nothing is
/// computed for padding; a text's result does not depend on its batch.
/// </summary>
internal sealed unsafe class CpuBertEncoder : TextEncoder
{
    private readonly CpuBertModel _model;
    private readonly PoolingMode _pooling;
    private readonly bool _int8;
    private readonly CpuScratch _scratch = new();
    private readonly CpuAttention _attention = new();
    private readonly AlignedBuffer _hidden = new();
    private readonly AlignedBuffer _wide = new();
    private readonly AlignedBuffer _attended = new();

    /// <param name="model">Shared; released on disposal.</param>
    /// <param name="pooling">How vectors are made.</param>
    /// <param name="int8">Whether the model's linear maps are in eight bits.</param>
    public CpuBertEncoder(CpuBertModel model, PoolingMode pooling, bool int8)
    {
        _model = model;
        _pooling = pooling;
        _int8 = int8;
        model.AddUser();
    }

    public override int Dimension => _model.Config.HiddenSize;

    public override int VocabularySize => _model.Config.VocabularySize;

    public override string Description => CpuKernels.Describe(_int8);

    public override float[][] Encode(ReadOnlySpan<EncoderInput> batch)
    {
        var tokens = 0;
        foreach (var input in batch)
            tokens += input.Ids.Length;
        var stride = PackedPanels.Stride(Dimension);
        var hidden = _hidden.Reserve((nint)tokens * stride); // (tokens, hidden)
        Embed(batch, hidden, stride);
        _model.EmbeddingNorm.Apply(hidden, hidden, tokens, stride);
        foreach (var layer in _model.Layers)
            Layer(layer, batch, tokens, hidden, stride);
        return CpuPooling.Pool(batch, hidden, stride, Dimension, _pooling);
    }

    public override void Dispose()
    {
        _scratch.Dispose();
        _attention.Dispose();
        _hidden.Dispose();
        _wide.Dispose();
        _attended.Dispose();
        _model.Release();
    }

    private void Embed(ReadOnlySpan<EncoderInput> batch, float* hidden, int stride)
    {
        var size = Dimension;
        foreach (var input in batch)
        {
            for (var t = 0; t < input.Ids.Length; t++, hidden += stride)
            {
                Span<float> state = new(hidden, size);
                _model.Words.Read(input.Ids[t], state);
                TensorPrimitives.Add(state, new ReadOnlySpan<float>(_model.Positions.Start + (nint)t * size, size), state);
                if (t >= (input.FirstTexts ?? int.MaxValue))
                    TensorPrimitives.Add(state, _model.SecondType, state);
                new Span<float>(hidden + size, stride - size).Clear();
            }
        }
    }

    private void Layer(CpuBertLayer layer, ReadOnlySpan<EncoderInput> batch, int tokens, float* hidden, int stride)
    {
        var config = _model.Config;
        int fusedStride = PackedPanels.Stride(3 * config.HiddenSize),
            innerStride = PackedPanels.Stride(config.IntermediateSize);
        var wide = _wide.Reserve((nint)tokens * Math.Max(fusedStride, innerStride));
        layer.QueryKeyValue.Apply(hidden, stride, tokens, wide, fusedStride, accumulate: false, _scratch); // (tokens, 3·hidden)
        var attended = _attended.Reserve((nint)tokens * stride); // (tokens, hidden)
        _attention.Apply(batch, config.Heads, config.HeadSize, int.MaxValue, wide, fusedStride, attended, stride);
        layer.Output.Apply(attended, stride, tokens, hidden, stride, accumulate: true, _scratch);
        layer.AttentionNorm.Apply(hidden, hidden, tokens, stride);

        layer.Up.Apply(hidden, stride, tokens, wide, innerStride, accumulate: false, _scratch); // (tokens, intermediate)
        for (var t = 0; t < tokens; t++)
        {
            var row = wide + (nint)t * innerStride;
            if (config.Activation == DecoderActivation.Gelu)
                CpuElementwise.Gelu(row, config.IntermediateSize);
            else
                CpuElementwise.GeluTanh(row, config.IntermediateSize);
        }
        layer.Down.Apply(wide, innerStride, tokens, hidden, stride, accumulate: true, _scratch);
        layer.OutputNorm.Apply(hidden, hidden, tokens, stride);
    }
}
