using SearchEngine.Lexical.Indexing;

namespace SearchEngine.Lexical.Querying;

internal sealed partial class FilterEvaluator
{
    /// <summary>Checks names, kinds and values before anything is read, so that an error does not depend on the data.</summary>
    /// <exception cref="ArgumentException">A field is unknown, not filterable, or a value or operator does not fit it.</exception>
    internal void Validate(LexicalFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        switch (filter)
        {
            case LexicalFilter.And and:
                ValidateAll(and.Filters);
                break;
            case LexicalFilter.Or or:
                ValidateAll(or.Filters);
                break;
            case LexicalFilter.Not not:
                Validate(not.Inner);
                break;
            case LexicalFilter.IsNull isNull:
                Field(isNull.Field);
                break;
            case LexicalFilter.Equal equals:
                Scalar(equals.Field, equals.Value);
                break;
            case LexicalFilter.NotEqual notEquals:
                Scalar(notEquals.Field, notEquals.Value);
                break;
            case LexicalFilter.Less less:
                Ordered(less.Field, less.Value);
                break;
            case LexicalFilter.LessOrEqual less:
                Ordered(less.Field, less.Value);
                break;
            case LexicalFilter.Greater greater:
                Ordered(greater.Field, greater.Value);
                break;
            case LexicalFilter.GreaterOrEqual greater:
                Ordered(greater.Field, greater.Value);
                break;
            case LexicalFilter.In isIn:
                RequireScalar(Field(isIn.Field));
                Values(isIn.Field, isIn.Values);
                break;
            case LexicalFilter.Contains contains:
                RequireList(Field(contains.Field));
                Values(contains.Field, [contains.Value]);
                break;
            case LexicalFilter.Any any:
                RequireList(Field(any.Field));
                Values(any.Field, any.Values);
                break;
        }
    }

    private void ValidateAll(IReadOnlyList<LexicalFilter> filters)
    {
        ArgumentNullException.ThrowIfNull(filters);
        foreach (var filter in filters)
            Validate(filter);
    }

    private LexicalField Field(string name)
    {
        if (!fields.TryGetValue(name, out var field))
            throw new ArgumentException($"There is no field '{name}'.");
        if (!field.IsFilterable)
            throw new ArgumentException($"Field '{name}' is not filterable.");
        return field;
    }

    private void Scalar(string name, object? value)
    {
        var field = Field(name);
        if (value is null)
            return;
        RequireScalar(field);
        Values(name, [value]);
    }

    private void Ordered(string name, object? value)
    {
        var field = Field(name);
        RequireScalar(field);
        if (field.Kind == LexicalFieldKind.Boolean)
            throw new ArgumentException($"Field '{name}' is Boolean, which has no order.");
        Values(name, [value]);
    }

    private void Values(string name, IReadOnlyList<object?> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        foreach (var value in values)
        {
            if (value is not null)
                ValueCodec.ToTerm(fields[name], value);
        }
    }

    private static void RequireScalar(LexicalField field)
    {
        if (field.IsList)
            throw new ArgumentException($"Field '{field.Name}' is a list: only Contains, Any and comparison with null apply to it.");
    }

    private static void RequireList(LexicalField field)
    {
        if (!field.IsList)
            throw new ArgumentException($"Field '{field.Name}' is not a list: use Equal or In.");
    }
}
