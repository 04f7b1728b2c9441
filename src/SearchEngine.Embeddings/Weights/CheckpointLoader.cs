using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings;

/// <summary>Loads decoders from Hugging Face folders: config.json and safetensors, single or sharded.</summary>
internal static class CheckpointLoader
{
    /// <summary>Tensors that some exporters save although they follow from the configuration.</summary>
    private const string DerivedSuffix = ".rotary_emb.inv_freq";

    /// <summary>Loads a model in evaluation mode.</summary>
    /// <param name="folder">The checkpoint's folder.</param>
    /// <param name="device">Where the weights go; null for the CPU.</param>
    /// <param name="dataType">The type of the model's weights, whatever the file's; null for the file's own.</param>
    /// <param name="withHead">
    /// False leaves a separate LM head out. True needs it in the checkpoint (an encoder saved without its head can be loaded with false).
    /// </param>
    /// <param name="config">Overrides the folder's config.json.</param>
    /// <exception cref="ModelFormatException">The folder, its configuration or its weights are damaged, incomplete or not supported.</exception>
    public static DecoderModel Load(
        string folder, Device? device = null, ScalarType? dataType = null, bool withHead = true, DecoderConfig? config = null)
    {
        config ??= DecoderConfigReader.Read(folder);
        TorchRuntime.EnsureLoaded();
        using SafetensorsSet weights = SafetensorsSet.Open(folder);
        ScalarType type = dataType ?? FileType(weights);
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

    /// <summary>The type most of the weights have.</summary>
    public static ScalarType FileType(SafetensorsSet weights)
    {
        SafetensorsDataType most = weights.Entries.Values.GroupBy(e => e.DataType).MaxBy(g => g.Sum(e => e.ElementCount))?.Key
            ?? throw new ModelFormatException(weights.Path, "the file holds no tensors.");
        ScalarType type = TensorBytes.ToTorch(most)
            ?? throw new ModelFormatException(weights.Path, $"the weights are of type {most.FormatName()}; F32, F16 and BF16 are supported (quantized checkpoints are not).");
        return type == ScalarType.Float64 ? ScalarType.Float32 : type;
    }

    /// <summary>Checks names, types and shapes of a file's tensors against a configuration without loading them.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, has another shape, or has no place in the model.</exception>
    public static void Check(DecoderConfig config, SafetensorsSet weights)
    {
        // The weights of a shape that is only asked for its slots take no memory on the "meta" device.
        TorchRuntime.EnsureLoaded();
        using DecoderModel model = new(config, META, ScalarType.Float32, withHead: false);
        _ = Match(model, weights);
    }

    /// <summary>Fills every parameter; each tensor must be there once with the shape that the configuration asks for.</summary>
    private static void Fill(DecoderModel model, SafetensorsSet weights)
    {
        foreach ((WeightSlot slot, SafetensorsEntry entry, ScalarType type) in Match(model, weights))
        {
            using Tensor rows = slot.Parameter.narrow(0, slot.FirstRow, slot.Shape[0]);
            TensorBytes.Fill(rows, weights.Pointer(entry), type);
        }
    }

    /// <summary>Fills parameters from a file that <see cref="Check"/> found to fit.</summary>
    public static void FillSlots(IEnumerable<WeightSlot> slots, SafetensorsSet weights)
    {
        foreach (WeightSlot slot in slots)
        {
            (SafetensorsEntry entry, ScalarType type) = Get(weights, slot.Name);
            using Tensor rows = slot.Parameter.narrow(0, slot.FirstRow, slot.Shape[0]);
            TensorBytes.Fill(rows, weights.Pointer(entry), type);
        }
    }

    /// <summary>Reads one tensor of a checked file as float32 into memory.</summary>
    public static void Read(SafetensorsSet weights, string name, nint target, long elements)
    {
        (SafetensorsEntry entry, ScalarType type) = Get(weights, name);
        TensorBytes.ReadFloats(weights.Pointer(entry), type, target, elements);
    }

    private static (SafetensorsEntry Entry, ScalarType Type) Get(SafetensorsSet weights, string name)
    {
        SafetensorsEntry entry = Find(weights, name) ?? throw new ModelFormatException(weights.Path, $"tensor '{name}' is missing; the file does not belong to this config.json.");
        ScalarType type = TensorBytes.ToTorch(entry.DataType)
            ?? throw new ModelFormatException(weights.Path, $"tensor '{name}' is of type {entry.DataType.FormatName()}; F32, F16 and BF16 are supported.");
        return (entry, type);
    }

    private static List<(WeightSlot Slot, SafetensorsEntry Entry, ScalarType Type)> Match(DecoderModel model, SafetensorsSet weights)
    {
        List<(WeightSlot, SafetensorsEntry, ScalarType)> matched = [];
        HashSet<string> used = new(StringComparer.Ordinal);
        foreach (WeightSlot slot in model.WeightSlots())
        {
            SafetensorsEntry entry = Find(weights, slot.Name)
                ?? throw new ModelFormatException(weights.Path, $"tensor '{slot.Name}' is missing; the file does not belong to this config.json.");
            if (!entry.Shape.AsSpan().SequenceEqual(slot.Shape))
            {
                throw new ModelFormatException(weights.Path,
                    $"tensor '{entry.Name}' has shape [{string.Join(", ", entry.Shape)}], but config.json asks for [{string.Join(", ", slot.Shape)}].");
            }
            ScalarType type = TensorBytes.ToTorch(entry.DataType)
                ?? throw new ModelFormatException(weights.Path, $"tensor '{entry.Name}' is of type {entry.DataType.FormatName()}; F32, F16 and BF16 are supported.");
            used.Add(entry.Name);
            matched.Add((slot, entry, type));
        }
        string? unknown = weights.Entries.Keys.FirstOrDefault(name => !used.Contains(name) && !IsIgnorable(name));
        if (unknown is not null)
        {
            throw new ModelFormatException(weights.Path,
                $"tensor '{unknown}' has no place in a {model.Config.ModelType} model of this config.json; the checkpoint has parts that are not supported.");
        }
        return matched;
    }

    /// <summary>The tensor under its full name, or as an encoder saved without the leading "model.".</summary>
    private static SafetensorsEntry? Find(SafetensorsSet weights, string name)
    {
        if (weights.Entries.TryGetValue(name, out SafetensorsEntry? entry))
            return entry;
        const string Prefix = "model.";
        if (name.StartsWith(Prefix, StringComparison.Ordinal) && weights.Entries.TryGetValue(name[Prefix.Length..], out entry))
            return entry;
        return null;
    }

    private static bool IsIgnorable(string name) => name.EndsWith(DerivedSuffix, StringComparison.Ordinal) || name is "lm_head.weight";
}
