namespace SearchEngine.Ingestion;

/// <summary>A file on its way from a reader to the writer.</summary>
internal sealed record FileJob(SourceFile File, long Length, string Hash, string Pipeline, FileState? Before);

/// <summary>A chunk and the document it belongs to.</summary>
internal readonly record struct PreparedChunk(TextChunk Chunk, string Title, string? DocumentId);

/// <summary>Some of a file's chunks, in order; most files are one part.</summary>
/// <param name="Job">The file.</param>
/// <param name="Start">Number of the first chunk.</param>
/// <param name="Chunks">The chunks.</param>
/// <param name="Documents">Documents finished in this part.</param>
/// <param name="IsLast">Whether the file ends with it.</param>
internal sealed record FilePart(FileJob Job, int Start, IReadOnlyList<PreparedChunk> Chunks, int Documents, bool IsLast)
{
    internal bool IsWhole => IsLast && Start == 0;
}
