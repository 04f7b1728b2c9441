using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings;

/// <summary>One layer's prepared weights. Norm weights have Gemma's offset added already.</summary>
internal sealed record CpuLayer(
    CpuLinear QueryKeyValue, CpuLinear Output, CpuLinear GateUp, CpuLinear Down,
    float[] InputNorm, float[] PostAttentionNorm, float[]? PreFeedForwardNorm, float[]? PostFeedForwardNorm, float[]? QueryNorm, float[]? KeyNorm)
    : IDisposable
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
/// A decoder's weights laid out for this project's own CPU kernels; shared by the encoders of all threads, which count their use. Never
/// changes after loading.
/// </summary>
internal sealed class CpuModel
{
    private int _users;

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
        using SafetensorsSet weights = SafetensorsSet.Open(folder.BaseFolder);
        CheckpointLoader.Check(config, weights);
        List<PeftAdapter.Session> adapters = [];
        List<CpuLayer> layers = [];
        AlignedBuffer? embedding = null;
        try
        {
            foreach (string path in folder.Adapters)
                adapters.Add(PeftAdapter.Open(path).OpenFor(config));
            for (int i = 0; i < config.Layers; i++)
            {
                using DecoderLayer layer = new(config, i, CPU, ScalarType.Float32);
                CheckpointLoader.FillSlots(DecoderModel.LayerSlots(layer, i), weights);
                foreach (PeftAdapter.Session adapter in adapters)
                    adapter.MergeInto(layer, i);
                layers.Add(Prepare(config, layer, int8));
            }
            embedding = new AlignedBuffer((nint)config.VocabularySize * config.HiddenSize);
            CheckpointLoader.Read(weights, "model.embed_tokens.weight", new nint(embedding.Start), (long)config.VocabularySize * config.HiddenSize);
            float[] finalNorm = new float[config.HiddenSize];
            fixed (float* start = finalNorm)
                CheckpointLoader.Read(weights, "model.norm.weight", (nint)start, finalNorm.Length);
            return new CpuModel(config, embedding, layers, Offset(config, finalNorm));
        }
        catch
        {
            foreach (CpuLayer layer in layers)
                layer.Dispose();
            embedding?.Dispose();
            throw;
        }
        finally
        {
            foreach (PeftAdapter.Session adapter in adapters)
                adapter.Dispose();
        }
    }

    /// <summary>One more encoder uses the weights.</summary>
    public void AddUser() => Interlocked.Increment(ref _users);

    /// <summary>One encoder less; the last frees the weights.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _users) > 0)
            return;
        foreach (CpuLayer layer in Layers)
            layer.Dispose();
        Embedding.Dispose();
    }

    private static CpuLayer Prepare(DecoderConfig config, DecoderLayer layer, bool int8)
    {
        CpuLinear[] maps = [.. layer.Projections().Select(p => Prepare(p.Projection, int8))];
        Dictionary<string, float[]> norms = layer.Norms().ToDictionary(n => n.Name, n => Offset(config, Floats(n.Norm.Weight)), StringComparer.Ordinal);
        return new CpuLayer(maps[0], maps[1], maps[2], maps[3],
            norms["input_layernorm"], norms["post_attention_layernorm"],
            norms.GetValueOrDefault("pre_feedforward_layernorm"), norms.GetValueOrDefault("post_feedforward_layernorm"),
            norms.GetValueOrDefault("self_attn.q_norm"), norms.GetValueOrDefault("self_attn.k_norm"));
    }

    private static unsafe CpuLinear Prepare(Projection projection, bool int8)
    {
        float[]? bias = projection.Bias is Parameter b ? Floats(b) : null;
        fixed (byte* start = projection.Weight.bytes)
        {
            // SAFETY: a contiguous float32 CPU parameter of (outputs, inputs) elements.
            return int8
                ? new Int8Linear((float*)start, projection.Inputs, projection.Outputs, bias)
                : new FloatLinear((float*)start, projection.Inputs, projection.Outputs, bias);
        }
    }

    private static float[] Floats(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes).ToArray();

    private static float[] Offset(DecoderConfig config, float[] norm) => config.OffsetNorm ? Array.ConvertAll(norm, w => 1 + w) : norm;
}
