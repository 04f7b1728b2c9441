namespace SearchEngine.Embeddings;

/// <summary>
/// Where weights are kept that were laid out for this processor's kernels, so that the next loading maps them instead of making them again,
/// and processes share them. Vectors have the same bits with and without. Models whose files lie as the kernels read them already
/// (<see cref="ModelQuantizer"/>, eight bits) and small ones are not kept.
/// </summary>
public sealed record WeightCacheOptions
{
    /// <summary>What <see cref="MaximumBytes"/> is by itself: 4 GiB.</summary>
    public const long DefaultMaximumBytes = 4L << 30;

    /// <summary>Nothing is kept, and nothing that was kept is used.</summary>
    public static WeightCacheOptions Off { get; } = new() { MaximumBytes = 0 };

    /// <summary>
    /// The folder, made where it is missing. Null: <c>searchengine/weights</c> in the user's cache (<c>$XDG_CACHE_HOME</c> or
    /// <c>~/.cache</c>, on Windows the local application data). Where it cannot be written, models load as without it.
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>
    /// The most bytes that all models together may take; those used longest ago are removed. A model that is larger is not kept. 0: none
    /// is, and none is used.
    /// </summary>
    public long MaximumBytes { get; init; } = DefaultMaximumBytes;

    /// <summary>Models of fewer bytes of weights, as the kernels read them, are packed faster than looked up.</summary>
    internal long SmallestModelBytes { get; init; } = 8 << 20;
}
