namespace SearchEngine.Embeddings.Weights;

/// <summary>A decoder's checkpoint held against its configuration: names, types and shapes of its tensors.</summary>
internal static class DecoderCheckpoint
{
    /// <summary>Tensors that some exporters save although they follow from the configuration.</summary>
    private const string DerivedSuffix = ".rotary_emb.inv_freq";

    /// <summary>The type most of the weights have; float32 for float64 and for quantized weights.</summary>
    /// <exception cref="ModelFormatException">The file is empty, or the type is none that weights may have.</exception>
    public static SafetensorsDataType FileType(SafetensorsSet weights)
    {
        if (weights.Entries.Values.Any(entry => entry is QuantizedEntry))
            return SafetensorsDataType.Float32;
        var most =
            weights.Entries.Values.GroupBy(e => e.DataType).MaxBy(g => g.Sum(e => e.ElementCount))?.Key
            ?? throw new ModelFormatException(weights.Path, "the file holds no tensors.");
        if (!most.IsFloat())
        {
            throw new ModelFormatException(
                weights.Path,
                $"the weights are of type {most.FormatName()}; F32, F16 and BF16 are supported (quantized checkpoints are not)."
            );
        }
        return most == SafetensorsDataType.Float64 ? SafetensorsDataType.Float32 : most;
    }

    /// <summary>Checks names, types and shapes of a file's tensors against a configuration without loading them.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, has another shape, or has no place in the model.</exception>
    public static void Check(DecoderConfig config, SafetensorsSet weights, bool withHead = false)
    {
        WeightQuantization.Check(weights);
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
            if (!entry.DataType.IsFloat() && entry is not QuantizedEntry)
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
