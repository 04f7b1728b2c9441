using SearchEngine.Embeddings.Cpu;
using SearchEngine.Embeddings.Cpu.Packing;
using SearchEngine.Embeddings.Model;
using SearchEngine.Embeddings.Weights;

namespace SearchEngine.Embeddings;

/// <summary>Loads the encoders of a model folder: weights, adapters, device and data type.</summary>
internal static class EncoderFactory
{
    /// <summary>
    /// Loads the encoders that share the work: one for each core where this project's own kernels run, else one replica of the model for
    /// each device.
    /// </summary>
    /// <param name="folder">The model.</param>
    /// <param name="config">Its shape.</param>
    /// <param name="target">Where and how it runs.</param>
    /// <param name="attention">Causal or bidirectional.</param>
    /// <param name="pooling">How vectors are made.</param>
    /// <param name="mergeAdapters">False keeps the last adapter apart.</param>
    /// <param name="cache">Where packed weights are kept; null for nowhere.</param>
    public static IReadOnlyList<TextEncoder> Load(
        ModelFolder folder,
        IModelConfig config,
        ComputeTarget target,
        AttentionMode attention,
        PoolingMode pooling,
        bool mergeAdapters,
        WeightCacheOptions? cache = null
    )
    {
        if (config is not DecoderConfig)
        {
            if (folder.Adapters.Count > 0)
            {
                throw new ModelFormatException(
                    folder.Adapters[0],
                    $"adapters are supported for decoders only, not for a {config.ModelType} model."
                );
            }
            if (attention == AttentionMode.Causal)
            {
                throw new ArgumentException(
                    $"A {config.ModelType} model is an encoder: its attention is bidirectional and cannot be causal."
                );
            }
        }
        WeightQuantization.RefuseAdapters(folder);
        List<TextEncoder> encoders = [];
        try
        {
            if (UsesOwnKernels(folder, target, mergeAdapters))
            {
                var own = OwnKernels(folder, config, attention, pooling, target.Int8, cache);
                for (var i = 0; i < Math.Max(1, Environment.ProcessorCount); i++)
                    encoders.Add(own());
                return encoders;
            }
            var torch =
                EncoderProvider.Torch
                ?? throw new DllNotFoundException(
                    $"{(target.DataType == ComputeType.Float32 ? "Adapters kept apart from the weights run" : "Half precision runs")} on libtorch, "
                        + $"which this program does not have; {EncoderProvider.Advice}, or use {(target.DataType == ComputeType.Float32 ? "merged adapters" : "float32 or int8")}."
                );
            torch.Load(encoders, folder, config, target, attention, pooling, mergeAdapters);
            return encoders;
        }
        catch
        {
            foreach (var encoder in encoders)
                encoder.Dispose();
            throw;
        }
    }

    /// <summary>Loads the weights for this project's own kernels; each call makes one more encoder that shares them.</summary>
    private static Func<TextEncoder> OwnKernels(
        ModelFolder folder,
        IModelConfig config,
        AttentionMode attention,
        PoolingMode pooling,
        bool int8,
        WeightCacheOptions? cache
    )
    {
        PackedSource source = new(folder, config, int8);
        switch (config)
        {
            case BertConfig bert:
                var bertModel = PackedLoader.Load(source, cache, packed => CpuBertModel.Load(folder.BaseFolder, bert, int8, packed));
                return () => new CpuBertEncoder(bertModel, pooling, int8);
            case ModernBertConfig modern:
                var modernModel = PackedLoader.Load(
                    source,
                    cache,
                    packed => CpuModernBertModel.Load(folder.BaseFolder, modern, int8, packed)
                );
                return () => new CpuModernBertEncoder(modernModel, pooling, int8);
            default:
                var decoder = PackedLoader.Load(source, cache, packed => CpuModel.Load(folder, (DecoderConfig)config, int8, packed));
                return () => new CpuEncoder(decoder, attention == AttentionMode.Causal, pooling, int8);
        }
    }

    /// <summary>
    /// float32 and int8 on the CPU run on this project's own kernels, whatever the processor; adapters kept apart, half precision and GPUs
    /// run through libtorch.
    /// </summary>
    private static bool UsesOwnKernels(ModelFolder folder, ComputeTarget target, bool mergeAdapters)
    {
        var apart = !mergeAdapters && folder.Adapters.Count > 0;
        if (target.Int8 && apart)
            throw new ArgumentException("int8 needs merged adapters; set MergeAdapters to true.");
        return target.IsCpu && target.DataType == ComputeType.Float32 && !apart;
    }
}
