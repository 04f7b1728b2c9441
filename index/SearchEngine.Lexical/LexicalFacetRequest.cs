namespace SearchEngine.Lexical;

/// <summary>A wish to count the values of a field over a set of documents.</summary>
/// <param name="Field">A filterable field.</param>
public sealed record LexicalFacetRequest(string Field)
{
    /// <summary>Most values to return, the most frequent first, ties by value; at least 1.</summary>
    public int Top { get; init; } = 10;

    /// <summary>
    /// Borders of ranges to count in place of single values, ascending: range i goes from border i (included) to border i + 1 (left out),
    /// the
    /// first from below and the last without end. Null counts values. Not for Boolean fields.
    /// </summary>
    public IReadOnlyList<object>? Borders { get; init; }
}
