namespace SearchEngine;

/// <summary>A value, or a range, and how many records have it.</summary>
/// <param name="Value">The value, of the field's type; of a range its lower border, null below the first.</param>
/// <param name="Count">Records.</param>
/// <param name="UpTo">The upper border of a range, itself left out; null of a value and above the last border.</param>
public readonly record struct FacetValue(object? Value, int Count, object? UpTo = null);
