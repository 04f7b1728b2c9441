namespace SearchEngine;

/// <summary>A read of records by filter, without ranking.</summary>
public sealed record RecordQuery
{
    /// <summary>Which records; null for all.</summary>
    public DocumentFilter? Filter { get; init; }

    /// <summary>
    /// The order; empty: by internal ordinal, which is stable between writes, so that paging with Skip sees each record once.
    /// </summary>
    public IReadOnlyList<SortKey> OrderBy { get; init; } = [];

    /// <summary>Records to pass over first.</summary>
    public int Skip { get; init; }

    /// <summary>Records to return at most.</summary>
    public int Top { get; init; } = int.MaxValue;

    /// <summary>Whether the records carry their vectors.</summary>
    public bool IncludeVectors { get; init; }
}

/// <summary>One key of a sort order. Nulls come first ascending.</summary>
/// <param name="Field">A data field that is no list, or <see cref="DocumentFilter.KeyField"/>.</param>
/// <param name="Descending">Largest first.</param>
public readonly record struct SortKey(string Field, bool Descending = false);
