namespace SearchEngine.Ingestion;

/// <summary>
/// A part of a section's text that is not prose: [<paramref name="Start"/>, <paramref name="End"/>) in UTF-16 code units.
/// </summary>
/// <param name="Start">First character.</param>
/// <param name="End">Behind the last character.</param>
/// <param name="Kind">What it is; says how it may be cut.</param>
/// <param name="HeaderEnd">For tables, behind the header row(s), which every chunk of the table repeats; else the same as
/// <paramref name="Start"/>.</param>
public readonly record struct SourceRegion(int Start, int End, SourceRegionKind Kind, int HeaderEnd);
