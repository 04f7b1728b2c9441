namespace SearchEngine.Ingestion;

/// <summary>Some of a file's chunks, in order; most files are one part.</summary>
/// <param name="Job">The file.</param>
/// <param name="Start">Number of the first chunk.</param>
/// <param name="Chunks">The chunks.</param>
/// <param name="Documents">Documents finished in this part.</param>
/// <param name="IsLast">Whether the file ends with it.</param>
/// <param name="Consumed">Bytes of the file that are in its chunks so far, about.</param>
internal sealed record FilePart(FileJob Job, int Start, IReadOnlyList<PreparedChunk> Chunks, int Documents, bool IsLast, long Consumed);
