namespace SearchEngine.Hosting;

internal sealed record IngestionSettings
{
    /// <summary>Tokens of a chunk at most, as the model counts them.</summary>
    public int ChunkTokens { get; init; } = 256;

    /// <summary>Tokens that a chunk repeats of the one before.</summary>
    public int OverlapTokens { get; init; } = 32;

    /// <summary>Whether passages are embedded in the context of their document, by a model that pools by the mean.</summary>
    public bool LateChunking { get; init; }
}
