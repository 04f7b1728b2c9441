using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings.Torch;

/// <summary>
/// BERT, RoBERTa and XLM-RoBERTa through libtorch, on the CPU or a CUDA device, told top to bottom. Several may share the weights. Texts
/// are packed: all tokens in one row, attention block by block.
/// </summary>
internal sealed class TorchBertEncoder : TextEncoder
{
    private readonly TorchWeights _weights;
    private readonly BertConfig _config;
    private readonly PoolingMode _pooling;

    /// <param name="weights">Shared; released on disposal.</param>
    /// <param name="config">The shape.</param>
    /// <param name="pooling">How vectors are made.</param>
    public TorchBertEncoder(TorchWeights weights, BertConfig config, PoolingMode pooling)
    {
        _weights = weights;
        _config = config;
        _pooling = pooling;
        weights.AddUser();
        PadsAttention = weights.Device.type == DeviceType.CUDA;
    }

    /// <summary>Whether texts of several lengths share an attention call; see <see cref="AttentionBlock"/>.</summary>
    public bool PadsAttention { get; init; }

    public override int Dimension => _config.HiddenSize;

    public override int VocabularySize => _config.VocabularySize;

    public override string Description => $"libtorch {_weights.Device} {_weights.DataType}";

    /// <summary>Loads a checkpoint.</summary>
    public static TorchWeights Load(string folder, BertConfig config, Device device, ScalarType dataType)
    {
        using var weights = SafetensorsSet.Open(folder);
        return new TorchWeights(config.Open(weights), BertConfig.Tensors(config).Select(tensor => tensor.Name), weights, device, dataType);
    }

    public override float[][] Encode(ReadOnlySpan<EncoderInput> batch)
    {
        using var guard = inference_mode();
        using var scope = NewDisposeScope();
        PackedBatch packed = new(batch, _weights.Device, PadsAttention);
        var positions = packed.Layout.Positions(_weights.Device).add(_config.FirstPosition);
        var hidden = Words("word_embeddings")
            .index_select(0, packed.Ids) // (tokens, hidden)
            .add(Words("position_embeddings").index_select(0, positions))
            .add(
                packed.Types(_weights.Device) is { } types
                    ? Words("token_type_embeddings").index_select(0, types)
                    : Words("token_type_embeddings")[0]
            );
        hidden = Norm(hidden, "embeddings.LayerNorm");
        for (var i = 0; i < _config.Layers; i++)
        {
            using var inner = NewDisposeScope();
            hidden = Layer(hidden, packed.Blocks, $"encoder.layer.{i}.").MoveToOuterDisposeScope();
        }
        return packed.Pool(hidden, _pooling);
    }

    public override void Dispose() => _weights.Release();

    private Tensor Words(string table) => _weights[$"embeddings.{table}.weight"];

    private Tensor Layer(Tensor hidden, IReadOnlyList<AttentionBlock> blocks, string name)
    {
        Tensor[] q = AttentionBlock.Split(blocks, Map(hidden, name + "attention.self.query")),
            k = AttentionBlock.Split(blocks, Map(hidden, name + "attention.self.key")),
            v = AttentionBlock.Split(blocks, Map(hidden, name + "attention.self.value"));
        var attended = AttentionBlock.Attend(
            blocks,
            (block, i) =>
                nn
                    .functional.scaled_dot_product_attention(Heads(q[i], block), Heads(k[i], block), Heads(v[i], block), block.Mask)
                    .transpose(1, 2)
                    .reshape(-1, _config.HiddenSize)
        );
        var output = Map(attended, name + "attention.output.dense");
        hidden = Norm(hidden.add(output), name + "attention.output.LayerNorm");

        var up = Map(hidden, name + "intermediate.dense"); // (tokens, intermediate)
        up = _config.Activation == DecoderActivation.Gelu ? up.gelu() : up.gelu(TorchSharp.Modules.GELU.Approximate.tanh);
        return Norm(hidden.add(Map(up, name + "output.dense")), name + "output.LayerNorm");
    }

    /// <summary>(tokens, hidden) to the (texts, heads, tokens, size) of one block.</summary>
    private Tensor Heads(Tensor x, AttentionBlock block) =>
        block.Spread(x).view(block.Group.Count, block.Group.Length, _config.Heads, _config.HeadSize).transpose(1, 2);

    private Tensor Map(Tensor x, string name) => nn.functional.linear(x, _weights[name + ".weight"], _weights[name + ".bias"]);

    private Tensor Norm(Tensor x, string name) =>
        nn.functional.layer_norm(x, [_config.HiddenSize], _weights[name + ".weight"], _weights[name + ".bias"], _config.NormEpsilon);
}
