namespace SearchEngine.Migration;

/// <summary>How a foreign store is opened.</summary>
public sealed record StoreOptions
{
    /// <summary>Its kind; null recognizes it by content.</summary>
    public StoreKind? Kind { get; init; }

    /// <summary>The table or collection in it, where it may hold several; null takes the only one.</summary>
    public string? Table { get; init; }

    /// <summary>The columns of a COPY file, in order, where the file does not name them.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>sqlite-vec: the ordinary table with the rows' other columns, joined by key; null takes TABLE for vec_TABLE.</summary>
    public string? Join { get; init; }
}
