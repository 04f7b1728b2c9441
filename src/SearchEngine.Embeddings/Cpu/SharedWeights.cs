using SearchEngine.Embeddings.Cpu.Packing;

namespace SearchEngine.Embeddings.Cpu;

/// <summary>
/// Prepared weights that the encoders of all threads share; the last of them to let go frees the memory. Never changes after loading.
/// </summary>
internal abstract class SharedWeights(PackedWeights? packed)
{
    private int _users;

    /// <summary>What was made of the weights, if it is mapped from the cache; freed behind the weights.</summary>
    public PackedWeights? Packed => packed;

    /// <summary>One more encoder uses the weights.</summary>
    public void AddUser() => Interlocked.Increment(ref _users);

    /// <summary>One encoder less; the last frees the weights.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _users) != 0)
            return;
        Free();
        packed?.Dispose();
    }

    /// <summary>Frees all unmanaged memory.</summary>
    protected abstract void Free();
}
