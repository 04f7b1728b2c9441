namespace SearchEngine.Ingestion;

/// <summary>
/// The character at <paramref name="Offset"/> of a section's text comes from line <paramref name="Line"/> (from 1) of the file.
/// </summary>
public readonly record struct LineAnchor(int Offset, int Line);
