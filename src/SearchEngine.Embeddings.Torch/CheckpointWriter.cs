using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings.Torch;

/// <summary>Saves decoders as Hugging Face folders that load by themselves: config.json and model.safetensors.</summary>
internal static class CheckpointWriter
{
    /// <summary>
    /// Writes both files, each atomically, the weights first. Adapters that are attached are not written: merge them before.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="folder">The folder, made if missing.</param>
    /// <param name="dataType">The type in the file: float32, float16 or bfloat16; null for the model's own.</param>
    public static void Save(DecoderModel model, string folder, ScalarType? dataType = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var type = dataType ?? model.DataType;
        var fileType = TensorBytes.ToFile(type);
        Directory.CreateDirectory(folder);
        List<SafetensorsTensor> tensors = [];
        foreach (var slot in model.WeightSlots())
        {
            tensors.Add(
                new SafetensorsTensor(
                    slot.Name,
                    fileType,
                    slot.Shape,
                    stream =>
                    {
                        using var rows = slot.Parameter.narrow(0, slot.FirstRow, slot.Shape[0]);
                        TensorBytes.Write(rows, type, stream);
                    }
                )
            );
        }
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), tensors, new Dictionary<string, string> { ["format"] = "pt" });
        DecoderConfigWriter.Write(model.Config, folder, fileType);
    }
}
