namespace SearchEngine;

/// <summary>
/// A condition on a record's fields, with C# semantics for null: <c>Equal(f, null)</c> holds where the field is absent,
/// <c>NotEqual(f, "a")</c> holds for absent values, an order comparison with an absent value is false, and
/// <see cref="Not"/> inverts whatever its inner condition gave. Immutable.
/// </summary>
public abstract record DocumentFilter
{
    /// <summary>The name that stands for the record's key in filters and sort orders.</summary>
    public const string KeyField = "$key";

    private DocumentFilter() { }

    /// <summary>
    /// field ∘ value. The value is converted to the field's type without loss, else the filter is refused. A list field can be compared
    /// with a
    /// list for equality: element by element, in order (which reads records: no index serves it).
    /// </summary>
    public sealed record Comparison(string Field, ComparisonOperator Operator, object? Value) : DocumentFilter;

    /// <summary>The scalar field's value is one of the values (null among them matches absent values).</summary>
    public sealed record In(string Field, IReadOnlyList<object?> Values) : DocumentFilter;

    /// <summary>The list field holds at least one of the values.</summary>
    public sealed record ContainsAny(string Field, IReadOnlyList<object?> Values) : DocumentFilter;

    /// <summary>The string field contains (or starts with) the text, ordinally. Reads records: no index serves it.</summary>
    public sealed record TextMatch(string Field, string Text, bool Prefix = false) : DocumentFilter;

    /// <summary>All of the conditions hold (true where there are none).</summary>
    public sealed record And(IReadOnlyList<DocumentFilter> Conditions) : DocumentFilter;

    /// <summary>At least one of the conditions holds (false where there are none).</summary>
    public sealed record Or(IReadOnlyList<DocumentFilter> Conditions) : DocumentFilter;

    /// <summary>The condition does not hold.</summary>
    public sealed record Not(DocumentFilter Condition) : DocumentFilter;

    /// <summary>Always or never.</summary>
    public sealed record Constant(bool Value) : DocumentFilter;

    /// <summary>field == value.</summary>
    public static DocumentFilter Equal(string field, object? value) => new Comparison(field, ComparisonOperator.Equal, value);

    /// <summary>field != value.</summary>
    public static DocumentFilter NotEqual(string field, object? value) => new Comparison(field, ComparisonOperator.NotEqual, value);

    /// <summary>field &lt; value.</summary>
    public static DocumentFilter Less(string field, object value) => new Comparison(field, ComparisonOperator.Less, value);

    /// <summary>field &lt;= value.</summary>
    public static DocumentFilter LessOrEqual(string field, object value) => new Comparison(field, ComparisonOperator.LessOrEqual, value);

    /// <summary>field &gt; value.</summary>
    public static DocumentFilter Greater(string field, object value) => new Comparison(field, ComparisonOperator.Greater, value);

    /// <summary>field &gt;= value.</summary>
    public static DocumentFilter GreaterOrEqual(string field, object value) =>
        new Comparison(field, ComparisonOperator.GreaterOrEqual, value);

    /// <summary>Both conditions hold.</summary>
    public static DocumentFilter operator &(DocumentFilter left, DocumentFilter right) => new And([left, right]);

    /// <summary>At least one of the conditions holds.</summary>
    public static DocumentFilter operator |(DocumentFilter left, DocumentFilter right) => new Or([left, right]);

    /// <summary>The condition does not hold.</summary>
    public static DocumentFilter operator !(DocumentFilter condition) => new Not(condition);
}
