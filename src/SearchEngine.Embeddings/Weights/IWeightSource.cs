namespace SearchEngine.Embeddings.Weights;

/// <summary>The tensors that a model is made of, under the architecture's names. Not thread-safe.</summary>
internal interface IWeightSource
{
    /// <summary>The open checkpoint.</summary>
    SafetensorsSet Weights { get; }

    /// <summary>Where a tensor lies as it is used; null if what is used is computed from it (merged adapters).</summary>
    SafetensorsEntry? Stored(string name);

    /// <summary>A tensor as float32, into memory with room for it.</summary>
    unsafe void Read(string name, float* target);

    /// <summary>A tensor as float32.</summary>
    float[] ReadArray(string name);
}
