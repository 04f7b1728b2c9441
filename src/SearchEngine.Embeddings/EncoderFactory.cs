using System.Runtime.CompilerServices;
using SearchEngine.Embeddings.Cpu;
using SearchEngine.Embeddings.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings;

/// <summary>Loads the encoders of a model folder: weights, adapters, device and data type.</summary>
internal static class EncoderFactory
{
    /// <summary>
    /// Two encoders keep a CUDA device's queue filled: one's batch is computed while the other's is read back and the next prepared.
    /// </summary>
    private const int EncodersPerCudaDevice = 2;

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
    public static IReadOnlyList<TextEncoder> Load(
        ModelFolder folder,
        IModelConfig config,
        ComputeTarget target,
        AttentionMode attention,
        PoolingMode pooling,
        bool mergeAdapters
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
        List<TextEncoder> encoders = [];
        try
        {
            if (UsesOwnKernels(folder, target, mergeAdapters))
            {
                var own = OwnKernels(folder, config, attention, pooling, target.Int8);
                for (var i = 0; i < Math.Max(1, Environment.ProcessorCount); i++)
                    encoders.Add(own());
                return encoders;
            }
            TorchRuntime.EnsureLoaded();
            AddTorch(encoders, folder, config, target, attention, pooling, mergeAdapters);
            return encoders;
        }
        catch
        {
            foreach (var encoder in encoders)
                encoder.Dispose();
            throw;
        }
    }

    /// <summary>Apart from what runs without TorchSharp: its types are looked for when this is first called.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddTorch(
        List<TextEncoder> encoders,
        ModelFolder folder,
        IModelConfig config,
        ComputeTarget target,
        AttentionMode attention,
        PoolingMode pooling,
        bool mergeAdapters
    )
    {
        var type = target.DataType switch
        {
            ComputeType.BFloat16 => ScalarType.BFloat16,
            ComputeType.Float16 => ScalarType.Float16,
            _ => ScalarType.Float32,
        };
        foreach (var place in target.Devices)
        {
            var device = place.IsCuda ? new Device(DeviceType.CUDA, place.Index) : CPU;
            var replica = Torch(folder, config, device, type, attention, pooling, mergeAdapters);
            for (var i = 0; i < (place.IsCuda ? EncodersPerCudaDevice : 1); i++)
                encoders.Add(replica());
        }
    }

    /// <summary>Loads the weights for this project's own kernels; each call makes one more encoder that shares them.</summary>
    private static Func<TextEncoder> OwnKernels(
        ModelFolder folder,
        IModelConfig config,
        AttentionMode attention,
        PoolingMode pooling,
        bool int8
    )
    {
        if (int8)
            TorchRuntime.EnsureLoaded();
        switch (config)
        {
            case BertConfig bert:
                var bertModel = CpuBertModel.Load(folder.BaseFolder, bert, int8);
                return () => new CpuBertEncoder(bertModel, pooling, int8);
            case ModernBertConfig modern:
                var modernModel = CpuModernBertModel.Load(folder.BaseFolder, modern, int8);
                return () => new CpuModernBertEncoder(modernModel, pooling, int8);
            default:
                var decoder = CpuModel.Load(folder, (DecoderConfig)config, int8);
                return () => new CpuEncoder(decoder, attention == AttentionMode.Causal, pooling, int8);
        }
    }

    /// <summary>Loads one device's replica for libtorch; each call makes one more encoder that shares it.</summary>
    private static Func<TextEncoder> Torch(
        ModelFolder folder,
        IModelConfig config,
        Device device,
        ScalarType dataType,
        AttentionMode attention,
        PoolingMode pooling,
        bool mergeAdapters
    )
    {
        switch (config)
        {
            case BertConfig bert:
                var bertWeights = TorchBertEncoder.Load(folder.BaseFolder, bert, device, dataType);
                return () => new TorchBertEncoder(bertWeights, bert, pooling);
            case ModernBertConfig modern:
                var modernWeights = TorchModernBertEncoder.Load(folder.BaseFolder, modern, device, dataType);
                return () => new TorchModernBertEncoder(modernWeights, modern, pooling);
            default:
                var model = LoadModel(folder, (DecoderConfig)config, device, dataType, mergeAdapters);
                model.Causal = attention == AttentionMode.Causal;
                SharedModel shared = new(model);
                return () => new TorchEncoder(shared, pooling);
        }
    }

    /// <summary>
    /// float32 and int8 on the CPU run on this project's own kernels where the processor has the vectors for them; adapters kept apart,
    /// half precision and GPUs run through libtorch.
    /// </summary>
    private static bool UsesOwnKernels(ModelFolder folder, ComputeTarget target, bool mergeAdapters)
    {
        var apart = !mergeAdapters && folder.Adapters.Count > 0;
        if (target.Int8 && (apart || !PackedPanels.IsSupported))
        {
            throw new ArgumentException(
                apart ? "int8 needs merged adapters; set MergeAdapters to true." : "int8 needs a processor with AVX2; use float32."
            );
        }
        return target.IsCpu && target.DataType == ComputeType.Float32 && !apart && PackedPanels.IsSupported;
    }

    /// <summary>The decoder of a folder with its adapters, without a separate LM head unless asked.</summary>
    public static DecoderModel LoadModel(
        ModelFolder folder,
        DecoderConfig config,
        Device device,
        ScalarType dataType,
        bool mergeAdapters,
        bool withHead = false
    )
    {
        var model = CheckpointLoader.Load(folder.BaseFolder, device, dataType, withHead, config);
        try
        {
            for (var i = 0; i < folder.Adapters.Count; i++)
            {
                var adapter = PeftAdapter.Open(folder.Adapters[i]);
                if (!mergeAdapters && i == folder.Adapters.Count - 1)
                    adapter.AttachTo(model, "adapter");
                else
                    adapter.MergeInto(model);
            }
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
