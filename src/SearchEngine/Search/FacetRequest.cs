namespace SearchEngine;

/// <summary>A wish to count the values of a field over the records that match.</summary>
/// <param name="Field">A filterable field.</param>
public sealed record FacetRequest(string Field)
{
    /// <summary>Most values to return, at least 1; the most frequent first, ties by value.</summary>
    public int Top { get; init; } = 10;

    /// <summary>
    /// Ascending borders of ranges to count in place of values: from below the first, then from each (included) to the next (left out).
    /// Null counts values.
    /// </summary>
    public IReadOnlyList<object>? Borders { get; init; }
}
