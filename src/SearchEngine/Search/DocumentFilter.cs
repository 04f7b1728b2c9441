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

    /// <summary>The name that stands for the element in the condition of an <see cref="Any"/>.</summary>
    public const string ElementField = "$element";

    private DocumentFilter() { }

    /// <summary>
    /// field ∘ value. The value is converted to the field's type without loss, else the filter is refused. A list field can be compared
    /// with a
    /// list for equality: element by element, in order (which reads records: no index serves it).
    /// </summary>
    public sealed record Comparison(string Field, ComparisonOperator Operator, object? Value) : DocumentFilter;

    /// <summary>
    /// The scalar field's value is one of the values (null among them matches absent values). As C#'s Contains does, NaN equals NaN here.
    /// </summary>
    public sealed record In(string Field, IReadOnlyList<object?> Values) : DocumentFilter;

    /// <summary>The list field holds at least one of the values; NaN equals NaN, as in <see cref="In"/>.</summary>
    public sealed record ContainsAny(string Field, IReadOnlyList<object?> Values) : DocumentFilter;

    /// <summary>
    /// The list field has an element for which the condition holds; the condition calls it <see cref="ElementField"/> and may ask for other
    /// fields of the record too. False for an absent list. Reads records: no index serves it (<see cref="ContainsAny"/> has one).
    /// </summary>
    public sealed record Any(string Field, DocumentFilter Condition) : DocumentFilter;

    /// <summary>
    /// The number of a list field's elements, or of a text's UTF-16 units, ∘ value. No comparison holds for an absent value, so only
    /// <see cref="Not"/> lets one through. Reads records: no index serves it.
    /// </summary>
    public sealed record Length(string Field, ComparisonOperator Operator, long Value) : DocumentFilter;

    /// <summary>
    /// The string field contains the text, ordinally: at its start where <paramref name="Prefix"/> is set, at its end where
    /// <see cref="Suffix"/> is, as a whole where both are. False for an absent value. Reads records: no index serves it.
    /// </summary>
    public sealed record TextMatch(string Field, string Text, bool Prefix = false) : DocumentFilter
    {
        /// <summary>Whether the text has to stand at the end.</summary>
        public bool Suffix { get; init; }

        /// <summary>Whether case is ignored, as <see cref="StringComparison.OrdinalIgnoreCase"/> does: by no language's rules.</summary>
        public bool IgnoreCase { get; init; }
    }

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
