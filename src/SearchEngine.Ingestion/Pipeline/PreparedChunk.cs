namespace SearchEngine.Ingestion;

/// <summary>A chunk, the document it belongs to, and its vector where one is stored already.</summary>
internal readonly record struct PreparedChunk(
    TextChunk Chunk,
    string Title,
    string? DocumentId,
    string Digest,
    ReadOnlyMemory<float>? Vector,
    IReadOnlyDictionary<string, string> Properties
)
{
    /// <summary>The number of its document in the file.</summary>
    public int Document { get; init; }
}
