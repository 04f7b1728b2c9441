namespace SearchEngine.Ingestion;

/// <summary>What is to be done with a file.</summary>
/// <param name="File">The file.</param>
/// <param name="Job">How it is read; null if it has not changed.</param>
/// <param name="Unchanged">What is stored of it, if it has not changed.</param>
/// <param name="CopyOf">The source with the same content, whose chunks may stand for it.</param>
internal sealed record FileDecision(SourceFile File, FileJob? Job, FileState? Unchanged, string? CopyOf);
