using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings.Torch;

/// <summary>Loads decoders from Hugging Face folders: config.json and safetensors, single or sharded.</summary>
internal static class CheckpointLoader
{
    /// <summary>Loads a model in evaluation mode.</summary>
    /// <param name="folder">The checkpoint's folder.</param>
    /// <param name="device">Where the weights go; null for the CPU.</param>
    /// <param name="dataType">The type of the model's weights, whatever the file's; null for the file's own.</param>
    /// <param name="withHead">
    /// False leaves a separate LM head out. True needs it in the checkpoint (an encoder saved without its head can be loaded with false).
    /// </param>
    /// <param name="config">Overrides the folder's config.json.</param>
    /// <exception cref="ModelFormatException">The folder, its configuration or its weights are damaged, incomplete or not
    /// supported.</exception>
    public static DecoderModel Load(
        string folder,
        Device? device = null,
        ScalarType? dataType = null,
        bool withHead = true,
        DecoderConfig? config = null
    )
    {
        config ??= DecoderConfigReader.Read(folder);
        TorchRuntime.EnsureLoaded();
        using var weights = SafetensorsSet.Open(folder);
        var type = dataType ?? TensorBytes.ToTorch(DecoderCheckpoint.FileType(weights))!.Value;
        DecoderCheckpoint.Check(config, weights, withHead);
        DecoderModel model;
        try
        {
            model = new DecoderModel(config, device, type, withHead);
        }
        catch (ArgumentException e)
        {
            throw new ModelFormatException(Path.Combine(folder, "config.json"), e.Message, e);
        }
        try
        {
            Fill(model, weights);
            model.eval();
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Fills every parameter of a model from a file that fits it.</summary>
    private static void Fill(DecoderModel model, SafetensorsSet weights)
    {
        foreach (var slot in model.WeightSlots())
        {
            var entry = DecoderCheckpoint.Get(weights, slot.Name);
            using var rows = slot.Parameter.narrow(0, slot.FirstRow, slot.Shape[0]);
            TensorBytes.Fill(rows, weights, entry);
        }
    }
}
