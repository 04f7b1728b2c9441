using SearchEngine.Embeddings.Cpu;
using SearchEngine.Embeddings.Cpu.Packing;
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
    private readonly MergedCheckpoint _weights;

    private CpuModel(
        MergedCheckpoint weights,
        DecoderConfig config,
        TokenTable embedding,
        IReadOnlyList<CpuLayer> layers,
        float[] finalNorm,
        PackedWeights? packed
    )
        : base(packed)
    {
        _weights = weights;
        Config = config;
        Embedding = embedding;
        Layers = layers;
        FinalNorm = finalNorm;
    }

    public DecoderConfig Config { get; }

    /// <summary>(vocabulary, hidden)</summary>
    public TokenTable Embedding { get; }

    public IReadOnlyList<CpuLayer> Layers { get; }

    public float[] FinalNorm { get; }

    /// <summary>
    /// Loads a folder layer by layer, so that beside the prepared weights only one layer of float32 is held. What can be used as it lies in
    /// the file is: the token table, and weights that are in eight bits there; the file stays open with the model.
    /// </summary>
    /// <param name="folder">Base and adapters; the adapters are merged.</param>
    /// <param name="config">The shape.</param>
    /// <param name="int8">Eight-bit linear maps.</param>
    /// <param name="packed">Where what is made of the weights is found, or goes to be kept; the model's from here on, unless this throws.</param>
    public static CpuModel Load(ModelFolder folder, DecoderConfig config, bool int8, PackedWeights? packed = null)
    {
        MergedCheckpoint weights = new(folder, config);
        List<CpuLayer> layers = [];
        TokenTable? embedding = null;
        try
        {
            var shapes = DecoderShape.Projections(config);
            for (var i = 0; i < config.Layers; i++)
            {
                CpuLinear[] maps = [.. shapes.Select(shape => Prepare(weights, packed, shape, i, int8))];
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
            embedding = TokenTable.Load(weights, packed, "model.embed_tokens.weight", config.VocabularySize, config.HiddenSize);
            var finalNorm = ReadNorm(config, weights, "model.norm.weight");
            return new CpuModel(weights, config, embedding, layers, finalNorm, packed);
        }
        catch
        {
            foreach (var layer in layers)
                layer.Dispose();
            embedding?.Dispose();
            weights.Dispose();
            throw;
        }
    }

    protected override void Free()
    {
        foreach (var layer in Layers)
            layer.Dispose();
        Embedding.Dispose();
        _weights.Dispose();
    }

    private static CpuLinear Prepare(MergedCheckpoint weights, PackedWeights? packed, FusedShape shape, int layer, bool int8) =>
        CpuLinears.Load(
            weights,
            packed,
            shape.Inputs,
            [.. shape.Parts.Select(part => (DecoderShape.Place(layer, shape.Prefix, part.Name, "model."), part.Rows))],
            shape.HasBias,
            int8
        );

    private static float[] ReadNorm(DecoderConfig config, MergedCheckpoint weights, string name)
    {
        var norm = weights.ReadArray(name);
        return config.OffsetNorm ? Array.ConvertAll(norm, w => 1 + w) : norm;
    }
}
