using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings.Torch;

/// <summary>
/// ModernBERT through libtorch, on the CPU or a CUDA device, told top to bottom. Several may share the weights. Texts are packed.
/// </summary>
internal sealed class TorchModernBertEncoder : TextEncoder
{
    private readonly TorchWeights _weights;
    private readonly ModernBertConfig _config;
    private readonly PoolingMode _pooling;
    private readonly RotaryEmbedding _globalRotary;
    private readonly RotaryEmbedding _localRotary;

    /// <param name="weights">Shared; released on disposal.</param>
    /// <param name="config">The shape.</param>
    /// <param name="pooling">How vectors are made.</param>
    public TorchModernBertEncoder(TorchWeights weights, ModernBertConfig config, PoolingMode pooling)
    {
        _weights = weights;
        _config = config;
        _pooling = pooling;
        _globalRotary = new RotaryEmbedding(config.GlobalTheta, config.HeadSize, null, weights.Device, weights.DataType);
        _localRotary = new RotaryEmbedding(config.LocalTheta, config.HeadSize, null, weights.Device, weights.DataType);
        weights.AddUser();
        PadsAttention = weights.Device.type == DeviceType.CUDA;
    }

    /// <summary>Whether texts of several lengths share an attention call; see <see cref="AttentionBlock"/>.</summary>
    public bool PadsAttention { get; init; }

    public override int Dimension => _config.HiddenSize;

    public override int VocabularySize => _config.VocabularySize;

    public override string Description => $"libtorch {_weights.Device} {_weights.DataType}";

    /// <summary>Loads a checkpoint.</summary>
    public static TorchWeights Load(string folder, ModernBertConfig config, Device device, ScalarType dataType)
    {
        using var weights = SafetensorsSet.Open(folder);
        return new TorchWeights(
            config.Open(weights),
            ModernBertConfig.Tensors(config).Select(tensor => tensor.Name),
            weights,
            device,
            dataType
        );
    }

    public override float[][] Encode(ReadOnlySpan<EncoderInput> batch)
    {
        using var guard = inference_mode();
        using var scope = NewDisposeScope();
        PackedBatch packed = new(batch, _weights.Device, PadsAttention);
        var positions = packed.Layout.Positions(_weights.Device);
        var hidden = Norm(_weights["embeddings.tok_embeddings.weight"].index_select(0, packed.Ids), "embeddings.norm"); // (tokens, hidden)
        for (var i = 0; i < _config.Layers; i++)
        {
            using var inner = NewDisposeScope();
            var name = $"layers.{i}.";
            var attended = Attention(i == 0 ? hidden : Norm(hidden, name + "attn_norm"), positions, packed, i, name + "attn.");
            var middle = hidden.add(attended);
            var both = Map(Norm(middle, name + "mlp_norm"), name + "mlp.Wi").chunk(2, -1); // (tokens, intermediate) each
            var gated = (
                _config.Activation == DecoderActivation.Gelu ? both[0].gelu() : both[0].gelu(TorchSharp.Modules.GELU.Approximate.tanh)
            ).mul(both[1]);
            hidden = middle.add(Map(gated, name + "mlp.Wo")).MoveToOuterDisposeScope();
        }
        return packed.Pool(Norm(hidden, "final_norm"), _pooling);
    }

    public override void Dispose()
    {
        _globalRotary.Dispose();
        _localRotary.Dispose();
        _weights.Release();
    }

    private Tensor Attention(Tensor x, Tensor positions, PackedBatch packed, int index, string name)
    {
        int heads = _config.Heads,
            size = _config.HeadSize;
        var global = _config.IsGlobal(index);
        (var cosine, var sine) = (global ? _globalRotary : _localRotary).For(packed.Layout.LongestSequence);
        var fused = Map(x, name + "Wqkv").view(-1, 3 * heads, size); // (tokens, 3·heads, size)
        var turned = RotaryEmbedding.Rotate(
            fused.narrow(1, 0, 2 * heads),
            cosine.index_select(0, positions),
            sine.index_select(0, positions)
        );
        Tensor[] turnedRows = AttentionBlock.Split(packed.Blocks, turned),
            valueRows = AttentionBlock.Split(packed.Blocks, fused.narrow(1, 2 * heads, heads));
        return Map(AttentionBlock.Attend(packed.Blocks, Attended), name + "Wo");

        Tensor Attended(AttentionBlock block, int i)
        {
            Tensor q = Heads(turnedRows[i].narrow(1, 0, heads), block),
                k = Heads(turnedRows[i].narrow(1, heads, heads), block),
                v = Heads(valueRows[i], block);
            var length = block.Group.Length;
            var mask = block.Mask;
            if (!global && length > _config.Reach)
            {
                var near = ones([length, length], ScalarType.Bool, x.device).triu(-_config.Reach).tril(_config.Reach);
                mask = mask is null ? near : mask.logical_and(near);
            }
            return nn.functional.scaled_dot_product_attention(q, k, v, mask).transpose(1, 2).reshape(-1, _config.HiddenSize);
        }
    }

    /// <summary>(tokens, heads, size) to the (texts, heads, tokens, size) of one block.</summary>
    private Tensor Heads(Tensor x, AttentionBlock block) =>
        block.Spread(x).reshape(block.Group.Count, block.Group.Length, _config.Heads, _config.HeadSize).transpose(1, 2);

    private Tensor Map(Tensor x, string name) =>
        nn.functional.linear(
            x,
            _weights[name + ".weight"],
            (name.Contains(".attn.", StringComparison.Ordinal) ? _config.AttentionBias : _config.MlpBias) ? _weights[name + ".bias"] : null
        );

    private Tensor Norm(Tensor x, string name) =>
        nn.functional.layer_norm(
            x,
            [_config.HiddenSize],
            _weights[name + ".weight"],
            _config.NormBias ? _weights[name + ".bias"] : null,
            _config.NormEpsilon
        );
}
