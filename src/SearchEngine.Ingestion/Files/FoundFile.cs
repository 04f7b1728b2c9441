namespace SearchEngine.Ingestion;

/// <summary>A file found, its size, and whether it was named itself rather than found below a folder.</summary>
/// <param name="Path">Its full path.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="IsNamed">Whether the user named it.</param>
/// <param name="Root">The folder that was ingested (for a named file, its own).</param>
internal readonly record struct FoundFile(string Path, long Length, bool IsNamed, string Root);
