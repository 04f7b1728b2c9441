namespace SearchEngine;

/// <summary>A filter checked against a schema, ready to be asked of documents. Values are in their field's own type. Thread-safe.</summary>
internal static class FilterEvaluator
{
    /// <summary>Whether a document (with normalized values) matches a bound filter.</summary>
    public static bool Matches(DocumentFilter filter, Document document) => Matches(filter, document, null);

    private static bool Matches(DocumentFilter filter, Document document, object? element) =>
        filter switch
        {
            DocumentFilter.Comparison c => Compare(Value(document, element, c.Field), c.Operator, c.Value),
            DocumentFilter.In c => Contains(c.Values, Value(document, element, c.Field)),
            DocumentFilter.ContainsAny c => Value(document, element, c.Field) is Array items
                && items.Cast<object?>().Any(item => Contains(c.Values, item)),
            DocumentFilter.Any c => Value(document, element, c.Field) is Array items
                && items.Cast<object?>().Any(item => Matches(c.Condition, document, item)),
            DocumentFilter.Length c => Value(document, element, c.Field) switch
            {
                Array items => Compare((long)items.Length, c.Operator, c.Value),
                string text => Compare((long)text.Length, c.Operator, c.Value),
                _ => false,
            },
            DocumentFilter.TextMatch c => Value(document, element, c.Field) is string text && Matches(c, text),
            DocumentFilter.And c => c.Conditions.All(inner => Matches(inner, document, element)),
            DocumentFilter.Or c => c.Conditions.Any(inner => Matches(inner, document, element)),
            DocumentFilter.Not c => !Matches(c.Condition, document, element),
            DocumentFilter.Constant c => c.Value,
            _ => throw new ArgumentException($"Unknown filter {filter.GetType().Name}."),
        };

    private static bool Matches(DocumentFilter.TextMatch match, string text)
    {
        var comparison = match.IgnoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        return (match.Prefix, match.Suffix) switch
        {
            (true, true) => text.Equals(match.Text, comparison),
            (true, false) => text.StartsWith(match.Text, comparison),
            (false, true) => text.EndsWith(match.Text, comparison),
            _ => text.Contains(match.Text, comparison),
        };
    }

    // Contains compares with Equals, for which NaN equals NaN.
    private static bool Contains(IReadOnlyList<object?> values, object? value)
    {
        foreach (var candidate in values)
        {
            if (FieldValues.AreEqual(candidate, value) || IsNaN(candidate) && IsNaN(value))
                return true;
        }

        return false;
    }

    private static bool IsNaN(object? value) => value is double.NaN or float.NaN;

    private static object? Value(Document document, object? element, string field) =>
        field switch
        {
            DocumentFilter.KeyField => document.Key.Value,
            DocumentFilter.ElementField => element,
            _ => document[field],
        };

    private static bool Compare(object? value, ComparisonOperator op, object? with)
    {
        switch (op)
        {
            case ComparisonOperator.Equal:
                return FieldValues.AreEqual(value, with);
            case ComparisonOperator.NotEqual:
                return !FieldValues.AreEqual(value, with);
        }

        if (value is null || with is null || IsNaN(value) || IsNaN(with))
            return false;
        var order = FieldValues.Compare(value, with);
        return op switch
        {
            ComparisonOperator.Less => order < 0,
            ComparisonOperator.LessOrEqual => order <= 0,
            ComparisonOperator.Greater => order > 0,
            _ => order >= 0,
        };
    }
}
