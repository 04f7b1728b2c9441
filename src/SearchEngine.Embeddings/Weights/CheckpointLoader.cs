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
        var type = dataType ?? FileType(weights);
        Check(config, weights, withHead);
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
        var most =
            weights.Entries.Values.GroupBy(e => e.DataType).MaxBy(g => g.Sum(e => e.ElementCount))?.Key
            ?? throw new ModelFormatException(weights.Path, "the file holds no tensors.");
        var type =
            TensorBytes.ToTorch(most)
            ?? throw new ModelFormatException(
                weights.Path,
                $"the weights are of type {most.FormatName()}; F32, F16 and BF16 are supported (quantized checkpoints are not)."
            );
        return type == ScalarType.Float64 ? ScalarType.Float32 : type;
    }

    /// <summary>Checks names, types and shapes of a file's tensors against a configuration without loading them.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, has another shape, or has no place in the model.</exception>
    public static void Check(DecoderConfig config, SafetensorsSet weights, bool withHead = false)
    {
        HashSet<string> used = new(StringComparer.Ordinal);
        foreach ((var name, var shape) in DecoderShape.Tensors(config, withHead))
        {
            var entry = Get(weights, name);
            if (!entry.Shape.AsSpan().SequenceEqual(shape))
            {
                throw new ModelFormatException(
                    weights.Path,
                    $"tensor '{entry.Name}' has shape [{string.Join(", ", entry.Shape)}], but config.json asks for [{string.Join(", ", shape)}]."
                );
            }
            if (!entry.DataType.IsFloat())
            {
                throw new ModelFormatException(
                    weights.Path,
                    $"tensor '{entry.Name}' is of type {entry.DataType.FormatName()}; F32, F16 and BF16 are supported."
                );
            }
            used.Add(entry.Name);
        }
        var unknown = weights.Entries.Keys.FirstOrDefault(name => !used.Contains(name) && !IsIgnorable(name));
        if (unknown is not null)
        {
            throw new ModelFormatException(
                weights.Path,
                $"tensor '{unknown}' has no place in a {config.ModelType} model of this config.json; the checkpoint has parts that are not supported."
            );
        }
    }

    /// <summary>A tensor by its full name, whichever way the file writes it.</summary>
    /// <exception cref="ModelFormatException">It is not there.</exception>
    public static SafetensorsEntry Get(SafetensorsSet weights, string name) =>
        Find(weights, name)
        ?? throw new ModelFormatException(weights.Path, $"tensor '{name}' is missing; the file does not belong to this config.json.");

    /// <summary>Fills every parameter of a model from a file that fits it.</summary>
    private static void Fill(DecoderModel model, SafetensorsSet weights)
    {
        foreach (var slot in model.WeightSlots())
        {
            var entry = Get(weights, slot.Name);
            using var rows = slot.Parameter.narrow(0, slot.FirstRow, slot.Shape[0]);
            TensorBytes.Fill(rows, weights.Pointer(entry), TensorBytes.ToTorch(entry.DataType)!.Value);
        }
    }

    /// <summary>The tensor under its full name, or as an encoder saved without the leading "model.".</summary>
    private static SafetensorsEntry? Find(SafetensorsSet weights, string name)
    {
        if (weights.Entries.TryGetValue(name, out var entry))
            return entry;
        const string Prefix = "model.";
        if (name.StartsWith(Prefix, StringComparison.Ordinal) && weights.Entries.TryGetValue(name[Prefix.Length..], out entry))
            return entry;
        return null;
    }

    private static bool IsIgnorable(string name) => name.EndsWith(DerivedSuffix, StringComparison.Ordinal) || name is "lm_head.weight";
}
