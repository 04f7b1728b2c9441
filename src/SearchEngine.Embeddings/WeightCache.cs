using SearchEngine.Embeddings.Cpu.Packing;

namespace SearchEngine.Embeddings;

/// <summary>The files of the cache that <see cref="WeightCacheOptions"/> describes. Thread-safe, and safe beside processes that load.</summary>
public static class WeightCache
{
    /// <summary>What is kept, that used last first. Files that are no part of the cache are passed over.</summary>
    /// <param name="options">Where it is.</param>
    /// <returns>Nothing where there is no such folder, or it cannot be read.</returns>
    public static IReadOnlyList<CachedWeights> List(WeightCacheOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return WeightCacheFolder.Of(options)?.List() ?? [];
    }

    /// <summary>Removes what is kept, and what interrupted processes left. Models that are loaded stay usable.</summary>
    /// <param name="options">Where it is.</param>
    /// <returns>The bytes freed. What the system lets nobody remove now (on Windows, weights of loaded models) stays.</returns>
    public static long Clear(WeightCacheOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return WeightCacheFolder.Of(options)?.Clear() ?? 0;
    }
}
