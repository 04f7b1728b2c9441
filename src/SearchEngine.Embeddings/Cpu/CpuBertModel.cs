using SearchEngine.Embeddings.Cpu.Packing;
using SearchEngine.Embeddings.Model;

namespace SearchEngine.Embeddings.Cpu;

/// <summary>A BERT encoder's weights laid out for this project's own CPU kernels.</summary>
internal sealed unsafe class CpuBertModel : SharedWeights
{
    private readonly SafetensorsSet _file;
    private readonly List<CpuBertLayer> _layers = [];

    private CpuBertModel(BertConfig config, EncoderWeights weights, bool int8, PackedWeights? packed)
        : base(packed)
    {
        _file = weights.Weights;
        Config = config;
        var hidden = config.HiddenSize;
        Positions = new AlignedBuffer((nint)config.LongestSequence * hidden);
        try
        {
            Words = TokenTable.Load(weights, packed, "embeddings.word_embeddings.weight", config.VocabularySize, hidden);
            var positions = weights.ReadArray("embeddings.position_embeddings.weight");
            var types = weights.ReadArray("embeddings.token_type_embeddings.weight");
            if (config.Types > 1)
                SecondType = [.. Enumerable.Range(0, hidden).Select(i => types[hidden + i] - types[i])];
            for (var i = 0; i < config.LongestSequence * hidden; i++)
                Positions.Start[i] = positions[config.FirstPosition * hidden + i] + types[i % hidden];
            EmbeddingNorm = Norm("embeddings.LayerNorm");
            for (var i = 0; i < config.Layers; i++)
                _layers.Add(Layer(i));
        }
        catch
        {
            Free();
            throw;
        }

        CpuNorm Norm(string name) => new(weights.ReadArray(name + ".weight"), weights.ReadArray(name + ".bias"), config.NormEpsilon);

        CpuBertLayer Layer(int index)
        {
            var name = $"encoder.layer.{index}.";
            return new CpuBertLayer(
                CpuLinears.Load(
                    weights,
                    packed,
                    hidden,
                    [
                        (name + "attention.self.query", hidden),
                        (name + "attention.self.key", hidden),
                        (name + "attention.self.value", hidden),
                    ],
                    hasBias: true,
                    int8,
                    queryRows: hidden,
                    queryScale: (float)(1 / Math.Sqrt(config.HeadSize)),
                    fine: true
                ),
                CpuLinears.Load(weights, packed, hidden, [(name + "attention.output.dense", hidden)], hasBias: true, int8),
                Norm(name + "attention.output.LayerNorm"),
                CpuLinears.Load(
                    weights,
                    packed,
                    hidden,
                    [(name + "intermediate.dense", config.IntermediateSize)],
                    hasBias: true,
                    int8,
                    magnitudes: () => CpuMagnitudes.OfInputs(weights, name + "intermediate.dense")!
                ),
                CpuLinears.Load(
                    weights,
                    packed,
                    config.IntermediateSize,
                    [(name + "output.dense", hidden)],
                    hasBias: true,
                    int8,
                    magnitudes: () => CpuMagnitudes.OfInputs(weights, name + "output.dense")!
                ),
                Norm(name + "output.LayerNorm")
            );
        }
    }

    public BertConfig Config { get; }

    /// <summary>(vocabulary, hidden)</summary>
    public TokenTable Words { get; } = null!;

    /// <summary>(longest sequence, hidden), contiguous: the positions from a text's first on, with type 0 added.</summary>
    public AlignedBuffer Positions { get; }

    /// <summary>(hidden), what a token of type 1 has more than one of type 0; empty where there is one type.</summary>
    public float[] SecondType { get; } = [];

    public CpuNorm EmbeddingNorm { get; } = null!;

    public IReadOnlyList<CpuBertLayer> Layers => _layers;

    /// <summary>Loads a folder. Its file stays open with the model, as for <see cref="CpuModel.Load"/>.</summary>
    /// <param name="folder">With model.safetensors.</param>
    /// <param name="config">The shape.</param>
    /// <param name="int8">Eight-bit linear maps.</param>
    /// <param name="packed">Where what is made of the weights is found, or goes to be kept; the model's from here on, unless this throws.</param>
    public static CpuBertModel Load(string folder, BertConfig config, bool int8, PackedWeights? packed = null) =>
        SafetensorsSet.OpenFor(folder, weights => new CpuBertModel(config, config.Open(weights), int8, packed));

    protected override void Free()
    {
        Words?.Dispose();
        Positions.Dispose();
        EmbeddingNorm?.Dispose();
        foreach (var layer in _layers)
            layer.Dispose();
        _file.Dispose();
    }
}
