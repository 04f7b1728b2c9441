namespace SearchEngine.Lexical;

/// <summary>
/// A document to index: the caller's ordinal and its values by field name. A field left out counts as null.
/// </summary>
public sealed class LexicalDocument
{
    /// <summary>Creates a document.</summary>
    /// <param name="ordinal">The caller's id of the document, 0 or more; an existing document of the same ordinal is replaced.</param>
    /// <param name="values">Field name and value: null, a scalar of the field's kind, or for a list field a sequence of them.</param>
    public LexicalDocument(int ordinal, IReadOnlyList<(string Field, object? Value)> values)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ordinal);
        ArgumentNullException.ThrowIfNull(values);
        Ordinal = ordinal;
        Values = values;
    }

    /// <summary>The caller's id of the document.</summary>
    public int Ordinal { get; }

    /// <summary>Field names and values; each name at most once.</summary>
    public IReadOnlyList<(string Field, object? Value)> Values { get; }
}
