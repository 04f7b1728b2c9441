using SearchEngine.Embeddings.Cpu.Packing;
using SearchEngine.Embeddings.Model;

namespace SearchEngine.Embeddings.Cpu;

/// <summary>A ModernBERT encoder's weights laid out for this project's own CPU kernels.</summary>
internal sealed unsafe class CpuModernBertModel : SharedWeights
{
    private readonly SafetensorsSet _file;
    private readonly List<CpuModernBertLayer> _layers = [];

    private CpuModernBertModel(ModernBertConfig config, EncoderWeights weights, bool int8, PackedWeights? packed)
        : base(packed)
    {
        _file = weights.Weights;
        Config = config;
        int hidden = config.HiddenSize,
            inner = config.IntermediateSize;
        try
        {
            Words = TokenTable.Load(weights, packed, "embeddings.tok_embeddings.weight", config.VocabularySize, hidden);
            EmbeddingNorm = Norm("embeddings.norm");
            for (var i = 0; i < config.Layers; i++)
            {
                var name = $"layers.{i}.";
                _layers.Add(
                    new CpuModernBertLayer(
                        i == 0 ? null : Norm(name + "attn_norm"),
                        CpuLinears.Load(
                            weights,
                            packed,
                            hidden,
                            [(name + "attn.Wqkv", 3 * hidden)],
                            config.AttentionBias,
                            int8,
                            queryRows: hidden,
                            queryScale: (float)(1 / Math.Sqrt(config.HeadSize)),
                            fine: true
                        ),
                        CpuLinears.Load(weights, packed, hidden, [(name + "attn.Wo", hidden)], config.AttentionBias, int8),
                        Norm(name + "mlp_norm"),
                        CpuLinears.Load(weights, packed, hidden, [(name + "mlp.Wi", 2 * inner)], config.MlpBias, int8),
                        CpuLinears.Load(weights, packed, inner, [(name + "mlp.Wo", hidden)], config.MlpBias, int8)
                    )
                );
            }
            FinalNorm = Norm("final_norm");
        }
        catch
        {
            Free();
            throw;
        }

        CpuNorm Norm(string name) =>
            new(weights.ReadArray(name + ".weight"), config.NormBias ? weights.ReadArray(name + ".bias") : null, config.NormEpsilon);
    }

    public ModernBertConfig Config { get; }

    /// <summary>(vocabulary, hidden)</summary>
    public TokenTable Words { get; } = null!;

    public CpuNorm EmbeddingNorm { get; } = null!;

    public IReadOnlyList<CpuModernBertLayer> Layers => _layers;

    public CpuNorm FinalNorm { get; } = null!;

    /// <summary>Loads a folder. Its file stays open with the model, as for <see cref="CpuModel.Load"/>.</summary>
    /// <param name="folder">With model.safetensors.</param>
    /// <param name="config">The shape.</param>
    /// <param name="int8">Eight-bit linear maps.</param>
    /// <param name="packed">Where what is made of the weights is found, or goes to be kept; the model's from here on, unless this throws.</param>
    public static CpuModernBertModel Load(string folder, ModernBertConfig config, bool int8, PackedWeights? packed = null) =>
        SafetensorsSet.OpenFor(folder, weights => new CpuModernBertModel(config, config.Open(weights), int8, packed));

    protected override void Free()
    {
        Words?.Dispose();
        EmbeddingNorm?.Dispose();
        FinalNorm?.Dispose();
        foreach (var layer in _layers)
            layer.Dispose();
        _file.Dispose();
    }
}
