namespace SearchEngine;

/// <summary>A data field of a collection.</summary>
/// <param name="Name">Unique among the collection's fields; must not start with '$'.</param>
/// <param name="Type">The type of its values; null is always allowed.</param>
public sealed record DataField(string Name, DataFieldType Type)
{
    /// <summary>Whether the value is a list of <see cref="Type"/>.</summary>
    public bool IsList { get; init; }

    /// <summary>
    /// Whether filters on the field use an index. A filter on a field without one reads the records instead: correct, slower.
    /// </summary>
    public bool IsFilterable { get; init; }

    /// <summary>Whether keyword search reads the field (strings and lists of strings only).</summary>
    public bool IsFullText { get; init; }

    /// <summary>Weight of the field in keyword search, above 0.</summary>
    public float Boost { get; init; } = 1f;
}
