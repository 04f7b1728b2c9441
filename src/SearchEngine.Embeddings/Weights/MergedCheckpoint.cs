namespace SearchEngine.Embeddings.Weights;

/// <summary>
/// A decoder's weights with its adapters merged into them, W' = W + scale · B·A each in order, one tensor at a time in float32. Not
/// thread-safe.
/// </summary>
internal sealed class MergedCheckpoint : IWeightSource, IDisposable
{
    private const string Root = "model.";
    private const string WeightSuffix = ".weight";
    private readonly List<AdapterSession> _adapters = [];

    /// <param name="folder">Base and adapters.</param>
    /// <param name="config">The shape.</param>
    /// <param name="withHead">Whether a separate LM head must be there.</param>
    /// <exception cref="ModelFormatException">Weights or adapters are damaged, or do not fit the configuration.</exception>
    public MergedCheckpoint(ModelFolder folder, DecoderConfig config, bool withHead = false)
    {
        Weights = SafetensorsSet.Open(folder.BaseFolder);
        try
        {
            DecoderCheckpoint.Check(config, Weights, withHead);
            foreach (var path in folder.Adapters)
                _adapters.Add(PeftAdapter.Open(path).OpenFor(config));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The base's own weights.</summary>
    public SafetensorsSet Weights { get; }

    /// <inheritdoc/>
    public SafetensorsEntry? Stored(string name) => _adapters.Count > 0 ? null : DecoderCheckpoint.Get(Weights, name);

    /// <summary>Reads a tensor: the base's, or what an adapter puts in its place, with the updates of the adapters.</summary>
    /// <param name="name">By its full name, for example model.layers.0.self_attn.q_proj.weight.</param>
    /// <param name="target">Room for all its elements.</param>
    public unsafe void Read(string name, float* target)
    {
        WeightReader.Read(Weights, DecoderCheckpoint.Get(Weights, name), target);
        var place =
            name.StartsWith(Root, StringComparison.Ordinal) && name.EndsWith(WeightSuffix, StringComparison.Ordinal)
                ? name[Root.Length..^WeightSuffix.Length]
                : null;
        foreach (var adapter in _adapters)
        {
            adapter.TryReadSaved(name, target);
            if (place is not null)
                adapter.MergeInto(place, target);
        }
    }

    /// <inheritdoc cref="Read"/>
    /// <returns>The tensor's elements.</returns>
    public unsafe float[] ReadArray(string name)
    {
        var values = new float[DecoderCheckpoint.Get(Weights, name).ElementCount];
        fixed (float* target = values)
            Read(name, target);
        return values;
    }

    public void Dispose()
    {
        foreach (var adapter in _adapters)
            adapter.Dispose();
        Weights.Dispose();
    }
}
