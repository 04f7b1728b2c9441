namespace SearchEngine.Lexical;

/// <summary>A value, or a range, with the number of documents that have it.</summary>
/// <param name="Value">The value: string, bool, long, double or byte[] by the field's kind; of a range its lower border, null below the
/// first.</param>
/// <param name="Count">Documents; in a list field a document counts once for each different value.</param>
/// <param name="UpTo">The upper border of a range, itself left out; null of a value and above the last border.</param>
public readonly record struct LexicalFacetValue(object? Value, int Count, object? UpTo = null);
