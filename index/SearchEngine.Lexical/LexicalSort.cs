namespace SearchEngine.Lexical;

/// <summary>An order by a field's value; documents without one come last, ties by ascending ordinal.</summary>
/// <param name="Field">A filterable field that is no list.</param>
/// <param name="Descending">Whether the largest comes first.</param>
public sealed record LexicalSort(string Field, bool Descending = false);
