namespace SearchEngine.Lexical;

/// <summary>
/// A predicate over filterable fields with the semantics of the same expression in C#: <c>x == null</c> matches absent values,
/// <c>x != "a"</c> matches absent values too, a comparison with null or NaN is false and so its negation true; strings compare
/// ordinally. Instances are immutable and may be shared between threads.
/// </summary>
public abstract record LexicalFilter
{
    private LexicalFilter() { }

    /// <summary>Every document.</summary>
    public static LexicalFilter All { get; } = new AllFilter();

    /// <summary>No document.</summary>
    public static LexicalFilter None { get; } = new Not(All);

    internal sealed record AllFilter : LexicalFilter;

    /// <summary>All of <paramref name="Filters"/> (every document if empty).</summary>
    /// <param name="Filters">The parts.</param>
    public sealed record And(IReadOnlyList<LexicalFilter> Filters) : LexicalFilter;

    /// <summary>Any of <paramref name="Filters"/> (no document if empty).</summary>
    /// <param name="Filters">The parts.</param>
    public sealed record Or(IReadOnlyList<LexicalFilter> Filters) : LexicalFilter;

    /// <summary>Documents that <paramref name="Inner"/> does not match.</summary>
    /// <param name="Inner">The negated filter.</param>
    public sealed record Not(LexicalFilter Inner) : LexicalFilter;

    /// <summary>
    /// <c>field == value</c>; <paramref name="Value"/> null matches absent values. A list field can only be compared with null.
    /// </summary>
    /// <param name="Field">Field name.</param>
    /// <param name="Value">A value of the field's kind, or null.</param>
    public sealed record Equal(string Field, object? Value) : LexicalFilter;

    /// <summary><c>field != value</c>: the complement of <see cref="Equal"/>.</summary>
    /// <param name="Field">Field name.</param>
    /// <param name="Value">A value of the field's kind, or null.</param>
    public sealed record NotEqual(string Field, object? Value) : LexicalFilter;

    /// <summary><c>field &lt; value</c>.</summary>
    /// <param name="Field">A scalar field, not Boolean.</param>
    /// <param name="Value">A value of the field's kind, or null (matches nothing).</param>
    public sealed record Less(string Field, object? Value) : LexicalFilter;

    /// <summary><c>field &lt;= value</c>.</summary>
    /// <param name="Field">A scalar field, not Boolean.</param>
    /// <param name="Value">A value of the field's kind, or null (matches nothing).</param>
    public sealed record LessOrEqual(string Field, object? Value) : LexicalFilter;

    /// <summary><c>field &gt; value</c>.</summary>
    /// <param name="Field">A scalar field, not Boolean.</param>
    /// <param name="Value">A value of the field's kind, or null (matches nothing).</param>
    public sealed record Greater(string Field, object? Value) : LexicalFilter;

    /// <summary><c>field &gt;= value</c>.</summary>
    /// <param name="Field">A scalar field, not Boolean.</param>
    /// <param name="Value">A value of the field's kind, or null (matches nothing).</param>
    public sealed record GreaterOrEqual(string Field, object? Value) : LexicalFilter;

    /// <summary><c>values.Contains(field)</c>; a null among the values matches absent values.</summary>
    /// <param name="Field">A scalar field.</param>
    /// <param name="Values">Values of the field's kind.</param>
    public sealed record In(string Field, IReadOnlyList<object?> Values) : LexicalFilter;

    /// <summary><c>field.Contains(value)</c>; false for an absent list. A null value matches lists with a null element.</summary>
    /// <param name="Field">A list field.</param>
    /// <param name="Value">A value of the field's kind, or null.</param>
    public sealed record Contains(string Field, object? Value) : LexicalFilter;

    /// <summary><c>field.Any(x => values.Contains(x))</c>; false for an absent list.</summary>
    /// <param name="Field">A list field.</param>
    /// <param name="Values">Values of the field's kind.</param>
    public sealed record Any(string Field, IReadOnlyList<object?> Values) : LexicalFilter;

    /// <summary><c>field == null</c>.</summary>
    /// <param name="Field">Field name.</param>
    public sealed record IsNull(string Field) : LexicalFilter;
}
