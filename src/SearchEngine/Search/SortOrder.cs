namespace SearchEngine;

/// <summary>An order by a field in place of the score; records without a value come last.</summary>
/// <param name="Field">A filterable field that is no list.</param>
/// <param name="Descending">Whether the largest comes first.</param>
public sealed record SortOrder(string Field, bool Descending = false);
