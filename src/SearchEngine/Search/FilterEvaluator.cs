namespace SearchEngine;

/// <summary>A filter checked against a schema, ready to be asked of documents. Values are in their field's own type. Thread-safe.</summary>
internal static class FilterEvaluator
{
    /// <summary>Whether a document (with normalized values) matches a bound filter.</summary>
    public static bool Matches(DocumentFilter filter, Document document) =>
        filter switch
        {
            DocumentFilter.Comparison c => Compare(Value(document, c.Field), c.Operator, c.Value),
            DocumentFilter.In c => Contains(c.Values, Value(document, c.Field)),
            DocumentFilter.ContainsAny c => Value(document, c.Field) is Array items
                && items.Cast<object?>().Any(item => Contains(c.Values, item)),
            DocumentFilter.TextMatch c => Value(document, c.Field) is string text
                && (c.Prefix ? text.StartsWith(c.Text, StringComparison.Ordinal) : text.Contains(c.Text, StringComparison.Ordinal)),
            DocumentFilter.And c => c.Conditions.All(inner => Matches(inner, document)),
            DocumentFilter.Or c => c.Conditions.Any(inner => Matches(inner, document)),
            DocumentFilter.Not c => !Matches(c.Condition, document),
            DocumentFilter.Constant c => c.Value,
            _ => throw new ArgumentException($"Unknown filter {filter.GetType().Name}."),
        };

    private static bool Contains(IReadOnlyList<object?> values, object? value)
    {
        foreach (var candidate in values)
        {
            if (FieldValues.AreEqual(candidate, value))
                return true;
        }

        return false;
    }

    private static object? Value(Document document, string field) =>
        field == DocumentFilter.KeyField ? document.Key.Value : document[field];

    private static bool Compare(object? value, ComparisonOperator op, object? with)
    {
        switch (op)
        {
            case ComparisonOperator.Equal:
                return FieldValues.AreEqual(value, with);
            case ComparisonOperator.NotEqual:
                return !FieldValues.AreEqual(value, with);
        }

        if (value is null || with is null || value is double.NaN or float.NaN || with is double.NaN or float.NaN)
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
