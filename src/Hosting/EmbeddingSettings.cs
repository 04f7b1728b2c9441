using SearchEngine.Embeddings;

namespace SearchEngine.Hosting;

internal sealed record EmbeddingSettings
{
    /// <summary>auto, cpu or cuda.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>auto, float32, bfloat16, float16 or int8.</summary>
    public string DataType { get; init; } = "auto";

    /// <summary>Leading components to keep (Matryoshka); 0 keeps all.</summary>
    public int Dimensions { get; init; }

    /// <summary>Tokens after which a text is cut; 0 takes the model's own limit.</summary>
    public int MaxLength { get; init; }

    /// <summary>
    /// The folder in which weights are kept as this processor's kernels read them; empty for the user's cache, "none" for nowhere.
    /// </summary>
    public string WeightCache { get; init; } = string.Empty;

    /// <summary>Bytes that all of them may take, those used longest ago go first.</summary>
    public long WeightCacheBytes { get; init; } = WeightCacheOptions.DefaultMaximumBytes;

    /// <summary>What stands in place of a folder where no weights are kept.</summary>
    public const string NoCache = "none";

    public WeightCacheOptions ToWeightCache() =>
        WeightCache == NoCache
            ? WeightCacheOptions.Off
            : new WeightCacheOptions
            {
                Folder = string.IsNullOrWhiteSpace(WeightCache) ? null : Path.GetFullPath(WeightCache),
                MaximumBytes = WeightCacheBytes,
            };
}
