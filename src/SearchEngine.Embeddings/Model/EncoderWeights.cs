using SearchEngine.Embeddings.Weights;

namespace SearchEngine.Embeddings.Model;

/// <summary>
/// The tensors of an encoder's checkpoint under the architecture's own names: with or without a prefix that all have, and with the names
/// that the first BERT files gave to the norms (gamma, beta). What heads of the pre-training tasks bring is passed over.
/// </summary>
internal sealed class EncoderWeights : IWeightSource
{
    private readonly SafetensorsSet _weights;
    private readonly string _prefix;

    /// <param name="weights">The open checkpoint; stays the caller's.</param>
    /// <param name="modelType">For messages.</param>
    /// <param name="tensors">Names and shapes that the forward pass needs.</param>
    /// <param name="prefixes">What may stand in front of all of them.</param>
    /// <param name="passedOver">Beginnings of names, without prefix, that have no part in hidden states.</param>
    /// <exception cref="ModelFormatException">A tensor is missing, has another shape or type, or has no place in the model.</exception>
    public EncoderWeights(
        SafetensorsSet weights,
        string modelType,
        IEnumerable<(string Name, long[] Shape)> tensors,
        string[] prefixes,
        string[] passedOver
    )
    {
        WeightQuantization.Check(weights);
        _weights = weights;
        (string Name, long[] Shape)[] all = [.. tensors];
        _prefix = prefixes.FirstOrDefault(prefix => weights.Entries.ContainsKey(prefix + all[0].Name)) ?? prefixes[0];
        HashSet<string> used = new(StringComparer.Ordinal);
        foreach ((var name, var shape) in all)
        {
            var entry = Entry(name);
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
        var unknown = weights.Entries.Keys.FirstOrDefault(name =>
            !used.Contains(name)
            && !passedOver.Any(part =>
                name.StartsWith(part, StringComparison.Ordinal) || name.StartsWith(_prefix + part, StringComparison.Ordinal)
            )
        );
        if (unknown is not null)
        {
            throw new ModelFormatException(
                weights.Path,
                $"tensor '{unknown}' has no place in a {modelType} model of this config.json; the checkpoint has parts that are not supported."
            );
        }
    }

    /// <summary>A tensor by the architecture's name.</summary>
    /// <exception cref="ModelFormatException">It is missing.</exception>
    public SafetensorsEntry Entry(string name) =>
        Find(name)
        ?? throw new ModelFormatException(
            _weights.Path,
            $"tensor '{_prefix}{name}' is missing; the file does not belong to this config.json."
        );

    /// <inheritdoc/>
    public SafetensorsSet Weights => _weights;

    /// <inheritdoc/>
    public SafetensorsEntry? Stored(string name) => Entry(name);

    /// <inheritdoc/>
    public float[] ReadArray(string name) => WeightReader.ReadArray(_weights, Entry(name));

    /// <inheritdoc/>
    public unsafe void Read(string name, float* target) => WeightReader.Read(_weights, Entry(name), target);

    private SafetensorsEntry? Find(string name)
    {
        if (_weights.Entries.TryGetValue(_prefix + name, out var entry))
            return entry;
        const string Norm = "LayerNorm.";
        var at = name.IndexOf(Norm, StringComparison.Ordinal);
        if (at < 0)
            return null;
        var older = name[..(at + Norm.Length)] + (name.EndsWith(".weight", StringComparison.Ordinal) ? "gamma" : "beta");
        return _weights.Entries.GetValueOrDefault(_prefix + older);
    }
}
