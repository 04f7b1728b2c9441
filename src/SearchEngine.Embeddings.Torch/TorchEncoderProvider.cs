using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings.Torch;

/// <summary>
/// Encoders that run through libtorch: CUDA devices, half precision, and adapters kept apart from the weights. SearchEngine.Embeddings
/// looks for it by name (see <see cref="EncoderProvider.Torch"/>): a program that references this assembly has it.
/// </summary>
internal sealed class TorchEncoderProvider : EncoderProvider
{
    /// <summary>
    /// Two encoders keep a CUDA device's queue filled: one's batch is computed while the other's is read back and the next prepared.
    /// </summary>
    private const int EncodersPerCudaDevice = 2;

    /// <inheritdoc/>
    /// <remarks>A build without CUDA libraries need not load libtorch to know.</remarks>
    public override int CountCudaDevices()
    {
        if (!TorchRuntime.HasCudaLibraries)
            return 0;
        TorchRuntime.EnsureLoaded();
        return cuda.is_available() ? cuda.device_count() : 0;
    }

    /// <inheritdoc/>
    public override void Load(
        List<TextEncoder> encoders,
        ModelFolder folder,
        IModelConfig config,
        ComputeTarget target,
        AttentionMode attention,
        PoolingMode pooling,
        bool mergeAdapters
    )
    {
        TorchRuntime.EnsureLoaded();
        var type = target.DataType switch
        {
            ComputeType.BFloat16 => ScalarType.BFloat16,
            ComputeType.Float16 => ScalarType.Float16,
            _ => ScalarType.Float32,
        };
        foreach (var place in target.Devices)
        {
            var device = place.IsCuda ? new Device(DeviceType.CUDA, place.Index) : CPU;
            var replica = Replica(folder, config, device, type, attention, pooling, mergeAdapters);
            for (var i = 0; i < (place.IsCuda ? EncodersPerCudaDevice : 1); i++)
                encoders.Add(replica());
        }
    }

    /// <summary>Loads one device's replica; each call makes one more encoder that shares it.</summary>
    private static Func<TextEncoder> Replica(
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
                var model = LoadDecoder(folder, (DecoderConfig)config, device, dataType, mergeAdapters);
                model.Causal = attention == AttentionMode.Causal;
                SharedModel shared = new(model);
                return () => new TorchEncoder(shared, pooling);
        }
    }

    /// <summary>The decoder of a folder with its adapters, without a separate LM head.</summary>
    private static DecoderModel LoadDecoder(
        ModelFolder folder,
        DecoderConfig config,
        Device device,
        ScalarType dataType,
        bool mergeAdapters
    )
    {
        var model = CheckpointLoader.Load(folder.BaseFolder, device, dataType, withHead: false, config);
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
