namespace SearchEngine.Hosting;

internal sealed record IngestionSettings
{
    /// <summary>Tokens of a chunk at most, as the model counts them.</summary>
    public int ChunkTokens { get; init; } = 256;

    /// <summary>Tokens that a chunk repeats of the one before.</summary>
    public int OverlapTokens { get; init; } = 32;
}
