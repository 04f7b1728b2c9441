namespace SearchEngine.Hosting;

internal sealed record IngestionSettings
{
    /// <summary>Tokens of a chunk at most; 0 takes the chunker's default.</summary>
    public int ChunkTokens { get; init; }

    /// <summary>Tokens that a chunk repeats of the one before; -1 takes the chunker's default.</summary>
    public int OverlapTokens { get; init; } = -1;
}
