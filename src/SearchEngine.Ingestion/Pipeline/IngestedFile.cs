namespace SearchEngine.Ingestion;

/// <summary>A file of a collection.</summary>
/// <param name="Source">The name it is stored under.</param>
/// <param name="Path">Where it is, or was.</param>
/// <param name="Chunks">Its chunks; 0 for the copy of another file.</param>
/// <param name="Bytes">Its bytes when it was read; 0 if an earlier version read it.</param>
/// <param name="IsComplete">Whether it is there whole; false after an interrupted ingestion.</param>
/// <param name="SameAs">The source whose chunks stand for it, if its content is that one's.</param>
/// <param name="Problems">What could not be read of it.</param>
public sealed record IngestedFile(
    string Source,
    string Path,
    int Chunks,
    long Bytes,
    bool IsComplete,
    string? SameAs,
    IReadOnlyList<IngestionIssue> Problems
);
