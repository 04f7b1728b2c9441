using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings;

/// <summary>Loads the encoders of a model folder: weights, adapters, device and data type.</summary>
internal static class EncoderFactory
{
    /// <summary>Loads one encoder for each device.</summary>
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
            foreach (Device device in target.Devices)
            {
                DecoderModel model = LoadModel(folder, config, device, target.DataType, mergeAdapters);
                model.Causal = attention == AttentionMode.Causal;
                encoders.Add(new TorchEncoder(model, pooling));
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
