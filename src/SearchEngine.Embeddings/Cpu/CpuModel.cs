using SearchEngine.Embeddings.Cpu;
using SearchEngine.Embeddings.Weights;

namespace SearchEngine.Embeddings;

/// <summary>One layer's prepared weights. Norm weights have Gemma's offset added already.</summary>
internal sealed record CpuLayer(
    CpuLinear QueryKeyValue,
    CpuLinear Output,
    CpuLinear GateUp,
    CpuLinear Down,
    float[] InputNorm,
    float[] PostAttentionNorm,
    float[]? PreFeedForwardNorm,
    float[]? PostFeedForwardNorm,
    float[]? QueryNorm,
    float[]? KeyNorm
) : IDisposable
{
    public void Dispose()
    {
        QueryKeyValue.Dispose();
        Output.Dispose();
        GateUp.Dispose();
        Down.Dispose();
    }
}

/// <summary>
/// A decoder's weights laid out for this project's own CPU kernels.
/// </summary>
internal sealed class CpuModel : SharedWeights
{
    private CpuModel(DecoderConfig config, AlignedBuffer embedding, IReadOnlyList<CpuLayer> layers, float[] finalNorm)
    {
        Config = config;
        Embedding = embedding;
        Layers = layers;
        FinalNorm = finalNorm;
    }

    public DecoderConfig Config { get; }

    /// <summary>(vocabulary, hidden), contiguous.</summary>
    public AlignedBuffer Embedding { get; }

    public IReadOnlyList<CpuLayer> Layers { get; }

    public float[] FinalNorm { get; }

    /// <summary>Loads a folder layer by layer, so that beside the prepared weights only one layer of float32 is held.</summary>
    /// <param name="folder">Base and adapters; the adapters are merged.</param>
    /// <param name="config">The shape.</param>
    /// <param name="int8">Eight-bit linear maps.</param>
    public static unsafe CpuModel Load(ModelFolder folder, DecoderConfig config, bool int8)
    {
        using MergedCheckpoint weights = new(folder, config);
        List<CpuLayer> layers = [];
        AlignedBuffer? embedding = null;
        try
        {
            var shapes = DecoderShape.Projections(config);
            using AlignedBuffer whole = new();
            for (var i = 0; i < config.Layers; i++)
            {
                CpuLinear[] maps = [.. shapes.Select(shape => Prepare(weights, shape, i, whole, int8))];
                var norms = DecoderShape
                    .Norms(config)
                    .ToDictionary(n => n.Name, n => ReadNorm(config, weights, $"model.layers.{i}.{n.Name}.weight"), StringComparer.Ordinal);
                layers.Add(
                    new CpuLayer(
                        maps[0],
                        maps[1],
                        maps[2],
                        maps[3],
                        norms["input_layernorm"],
                        norms["post_attention_layernorm"],
                        norms.GetValueOrDefault("pre_feedforward_layernorm"),
                        norms.GetValueOrDefault("post_feedforward_layernorm"),
                        norms.GetValueOrDefault("self_attn.q_norm"),
                        norms.GetValueOrDefault("self_attn.k_norm")
                    )
                );
            }
            embedding = new AlignedBuffer((nint)config.VocabularySize * config.HiddenSize);
            weights.Read("model.embed_tokens.weight", embedding.Start);
            var finalNorm = ReadNorm(config, weights, "model.norm.weight");
            return new CpuModel(config, embedding, layers, finalNorm);
        }
        catch
        {
            foreach (var layer in layers)
                layer.Dispose();
            embedding?.Dispose();
            throw;
        }
    }

    protected override void Free()
    {
        foreach (var layer in Layers)
            layer.Dispose();
        Embedding.Dispose();
    }

    /// <summary>Reads the parts of a fused weight below each other and prepares the map.</summary>
    private static unsafe CpuLinear Prepare(MergedCheckpoint weights, FusedShape shape, int layer, AlignedBuffer whole, bool int8)
    {
        var rows = whole.Reserve((nint)shape.Outputs * shape.Inputs);
        var bias = shape.HasBias ? new float[shape.Outputs] : null;
        var offset = 0;
        foreach ((var part, var count) in shape.Parts)
        {
            var name = DecoderShape.Place(layer, shape.Prefix, part, "model.");
            weights.Read(name + ".weight", rows + (nint)offset * shape.Inputs);
            if (bias is not null)
                weights.ReadArray(name + ".bias").CopyTo(bias, offset);
            offset += count;
        }
        return int8 ? new Int8Linear(rows, shape.Inputs, shape.Outputs, bias) : new FloatLinear(rows, shape.Inputs, shape.Outputs, bias);
    }

    private static float[] ReadNorm(DecoderConfig config, MergedCheckpoint weights, string name)
    {
        var norm = weights.ReadArray(name);
        return config.OffsetNorm ? Array.ConvertAll(norm, w => 1 + w) : norm;
    }
}
