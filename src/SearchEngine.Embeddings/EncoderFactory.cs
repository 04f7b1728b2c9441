using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings;

/// <summary>Loads the encoders of a model folder: weights, adapters, device and data type.</summary>
internal static class EncoderFactory
{
    /// <summary>Two encoders keep a CUDA device's queue filled: one's batch is computed while the other's is read back and the next prepared.</summary>
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
        ModelFolder folder, DecoderConfig config, ComputeTarget target, AttentionMode attention, PoolingMode pooling, bool mergeAdapters)
    {
        List<TextEncoder> encoders = [];
        try
        {
            if (UsesOwnKernels(folder, target, mergeAdapters))
            {
                CpuModel shared = CpuModel.Load(folder, config, target.Int8);
                for (int i = 0; i < Math.Max(1, Environment.ProcessorCount); i++)
                    encoders.Add(new CpuEncoder(shared, attention == AttentionMode.Causal, pooling, target.Int8));
                return encoders;
            }
            TorchRuntime.EnsureLoaded();
            foreach (ComputeDevice place in target.Devices)
            {
                Device device = place.IsCuda ? new Device(DeviceType.CUDA, place.Index) : CPU;
                DecoderModel model = LoadModel(folder, config, device, target.DataType, mergeAdapters);
                model.Causal = attention == AttentionMode.Causal;
                SharedModel shared = new(model);
                for (int i = 0; i < (place.IsCuda ? EncodersPerCudaDevice : 1); i++)
                    encoders.Add(new TorchEncoder(shared, pooling));
            }
            return encoders;
        }
        catch
        {
            foreach (TextEncoder encoder in encoders)
                encoder.Dispose();
            throw;
        }
    }

    /// <summary>
    /// float32 and int8 on the CPU run on this project's own kernels where the processor has the vectors for them; adapters kept apart,
    /// half precision and GPUs run through libtorch.
    /// </summary>
    private static bool UsesOwnKernels(ModelFolder folder, ComputeTarget target, bool mergeAdapters)
    {
        bool apart = !mergeAdapters && folder.Adapters.Count > 0;
        if (target.Int8 && (apart || !PackedPanels.IsSupported))
            throw new ArgumentException(apart ? "int8 needs merged adapters; set MergeAdapters to true." : "int8 needs a processor with AVX2; use float32.");
        return target.IsCpu && target.DataType == ScalarType.Float32 && !apart && PackedPanels.IsSupported;
    }

    /// <summary>The decoder of a folder with its adapters, without a separate LM head unless asked.</summary>
    public static DecoderModel LoadModel(
        ModelFolder folder, DecoderConfig config, Device device, ScalarType dataType, bool mergeAdapters, bool withHead = false)
    {
        DecoderModel model = CheckpointLoader.Load(folder.BaseFolder, device, dataType, withHead, config);
        try
        {
            for (int i = 0; i < folder.Adapters.Count; i++)
            {
                PeftAdapter adapter = PeftAdapter.Open(folder.Adapters[i]);
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
