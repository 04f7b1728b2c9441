namespace SearchEngine.Lexical.Indexing;

/// <summary>Names of the Lucene fields behind a schema's fields. The prefixes keep them apart from each other.</summary>
internal static class FieldNames
{
    /// <summary>The ordinal, as a term (to replace and delete by) and as doc values (to read back).</summary>
    internal const string Ordinal = "ordinal";

    /// <summary>One term for each filterable field that is not null: the field's name.</summary>
    internal const string Present = "present";

    /// <summary>One term for each filterable list field that has a null element: the field's name.</summary>
    internal const string NullElement = "nullElement";

    /// <summary>
    /// One term for each distinct word of the full-text fields, lowered but not stemmed: what queries are completed and corrected with.
    /// </summary>
    internal const string Words = "words";

    internal static string Text(string field) => "t:" + field;

    internal static string Value(string field) => "v:" + field;
}
