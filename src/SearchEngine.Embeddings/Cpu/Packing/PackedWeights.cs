using SearchEngine.Embeddings.Cpu.EightBit;
using SearchEngine.Embeddings.Weights;

namespace SearchEngine.Embeddings.Cpu.Packing;

/// <summary>
/// What a model's loading makes of its weights: found in a file of the cache, where it is used as it lies, or handed on to be written there
/// and freed, so that of a whole model only one linear map is held at a time. Not thread-safe while a model is loaded, and never changed
/// afterwards.
/// </summary>
internal sealed unsafe class PackedWeights : IDisposable
{
    private const string WideCountSuffix = "_wide_count";

    private readonly SafetensorsFile? _file;
    private readonly PackedWriter? _writer;

    /// <summary>Serves from a file that was verified, and closes it in the end.</summary>
    public PackedWeights(SafetensorsFile file) => _file = file;

    /// <summary>Finds nothing, and writes what is made. The model that is loaded meanwhile cannot be used.</summary>
    public PackedWeights(PackedWriter writer) => _writer = writer;

    /// <summary>Whether weights are used where a file is mapped.</summary>
    public bool IsMapped => _file is not null;

    /// <summary>Where a section lies; null if it is not there.</summary>
    /// <param name="name">The section's name.</param>
    /// <param name="bytes">Its length without what fills it up.</param>
    public void* Find(string name, long bytes) =>
        _file is not null && _file.Entries.TryGetValue(name, out var entry) && entry.Length == PackedWriter.Filled(bytes)
            ? (void*)_file.Pointer(entry)
            : null;

    /// <summary>Takes what was made for a section.</summary>
    /// <param name="name">The section's name.</param>
    /// <param name="start">The section.</param>
    /// <param name="bytes">Its length.</param>
    /// <returns>Whether it is not needed any more.</returns>
    public bool Take(string name, void* start, long bytes)
    {
        _writer?.Write(name, start, bytes);
        return _writer is not null;
    }

    /// <summary>Weights in eight bits under a name; null if they are not there.</summary>
    public Int8Weights? FindEightBit(string name, int inputs, int outputs)
    {
        var panels = Find(name + QuantizedEntry.PanelsSuffix, Int8Panels.Size(inputs, outputs));
        var scales = Find(name + QuantizedEntry.ScalesSuffix, (long)outputs * sizeof(float));
        var sums = Find(name + QuantizedEntry.SumsSuffix, (long)outputs * sizeof(int));
        var count = (int*)Find(name + WideCountSuffix, sizeof(int));
        if (panels is null || scales is null || sums is null || count is null || *count < 0 || *count > inputs)
            return null;
        if (*count == 0)
            return new Int8Weights(inputs, outputs, (sbyte*)panels, (float*)scales, (int*)sums, [], []);
        var wideInputs = Find(name + QuantizedEntry.WideInputsSuffix, (long)*count * sizeof(int));
        var wide = Find(name + QuantizedEntry.WideSuffix, (long)outputs * *count * sizeof(float));
        return wideInputs is null || wide is null
            ? null
            : new Int8Weights(
                inputs,
                outputs,
                (sbyte*)panels,
                (float*)scales,
                (int*)sums,
                new ReadOnlySpan<int>(wideInputs, *count).ToArray(),
                new ReadOnlySpan<float>(wide, outputs * *count).ToArray()
            );
    }

    /// <summary>Takes weights in eight bits, scaled as they are used.</summary>
    /// <returns>Whether they are not needed any more.</returns>
    public bool TakeEightBit(string name, Int8Weights weights)
    {
        if (_writer is null)
            return false;
        var count = weights.WideInputs.Length;
        _writer.Write(name + QuantizedEntry.PanelsSuffix, weights.Panels, Int8Panels.Size(weights.Inputs, weights.Outputs));
        _writer.Write(name + QuantizedEntry.ScalesSuffix, weights.Scales, (long)weights.Outputs * sizeof(float));
        _writer.Write(name + QuantizedEntry.SumsSuffix, weights.Sums, (long)weights.Outputs * sizeof(int));
        _writer.Write(name + WideCountSuffix, &count, sizeof(int));
        if (count > 0)
        {
            fixed (int* inputs = weights.WideInputs)
                _writer.Write(name + QuantizedEntry.WideInputsSuffix, inputs, (long)count * sizeof(int));
            fixed (float* wide = weights.Wide)
                _writer.Write(name + QuantizedEntry.WideSuffix, wide, (long)weights.Wide.Length * sizeof(float));
        }
        return true;
    }

    public void Dispose() => _file?.Dispose();
}
