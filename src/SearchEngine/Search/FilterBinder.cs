namespace SearchEngine;

/// <summary>Checks a filter against a schema and brings its values into the fields' own types.</summary>
internal static class FilterBinder
{
    /// <exception cref="ArgumentException">An unknown field, a value of another type, or an operator that does not fit; the message names
    /// the field.</exception>
    public static DocumentFilter Bind(CollectionSchema schema, DocumentFilter filter) => Bind(new Scope(schema, null), filter);

    private static DocumentFilter Bind(Scope schema, DocumentFilter filter) =>
        filter switch
        {
            DocumentFilter.Comparison c => BindComparison(schema, c),
            DocumentFilter.In c => c with { Values = BindValues(schema, c.Field, c.Values, list: false) },
            DocumentFilter.ContainsAny c => c with { Values = BindValues(schema, c.Field, c.Values, list: true) },
            DocumentFilter.TextMatch c => Field(schema, c.Field, list: false).Type == DataFieldType.String
                ? c
                : throw new ArgumentException($"Text match on field '{c.Field}', which is no text."),
            DocumentFilter.Any c => c with { Condition = Bind(schema.Inside(Field(schema, c.Field, list: true)), c.Condition) },
            DocumentFilter.Length c => BindLength(schema, c),
            DocumentFilter.And c => new DocumentFilter.And([.. c.Conditions.Select(inner => Bind(schema, inner))]),
            DocumentFilter.Or c => new DocumentFilter.Or([.. c.Conditions.Select(inner => Bind(schema, inner))]),
            DocumentFilter.Not c => new DocumentFilter.Not(Bind(schema, c.Condition)),
            DocumentFilter.Constant c => c,
            null => throw new ArgumentNullException(nameof(filter)),
            _ => throw new ArgumentException($"Unknown filter {filter.GetType().Name}."),
        };

    private static DocumentFilter BindComparison(Scope schema, DocumentFilter.Comparison comparison)
    {
        if (comparison.Value is null)
        {
            if (comparison.Operator is not (ComparisonOperator.Equal or ComparisonOperator.NotEqual))
                return new DocumentFilter.Constant(false);
            if (comparison.Field is not (DocumentFilter.KeyField or DocumentFilter.ElementField))
                _ = schema.Collection.FindField(comparison.Field) ?? throw Unknown(schema.Collection, comparison.Field);
            else
                _ = Field(schema, comparison.Field, list: false);
            return comparison;
        }

        // A list is compared as a whole: element by element, in order.
        if (
            comparison
                is {
                    Operator: ComparisonOperator.Equal or ComparisonOperator.NotEqual,
                    Value: System.Collections.IEnumerable and not string
                }
            && schema.Collection.FindField(comparison.Field) is { IsList: true } list
        )
        {
            return comparison with { Value = FieldValues.Normalize(list, comparison.Value) };
        }

        var field = Field(schema, comparison.Field, list: false);
        if (
            comparison.Operator is not (ComparisonOperator.Equal or ComparisonOperator.NotEqual)
            && field.Type is DataFieldType.Boolean or DataFieldType.Bytes
        )
        {
            throw new ArgumentException($"Field '{field.Name}' is {field.Type}, which has no order.");
        }
        return comparison with { Value = FieldValues.Scalar(field, comparison.Value) };
    }

    private static DocumentFilter.Length BindLength(Scope schema, DocumentFilter.Length length)
    {
        var isList = schema.Collection.FindField(length.Field) is { IsList: true };
        var field = Field(schema, length.Field, isList);
        return isList || field.Type == DataFieldType.String
            ? length
            : throw new ArgumentException($"Field '{field.Name}' is {field.Type}: only lists and texts have a length.");
    }

    private static object?[] BindValues(Scope schema, string name, IReadOnlyList<object?> values, bool list)
    {
        var field = Field(schema, name, list);
        return [.. values.Select(value => value is null ? null : FieldValues.Scalar(field, value))];
    }

    private static DataField Field(Scope schema, string name, bool list)
    {
        if (name == DocumentFilter.KeyField && !list)
            return KeyFieldOf(schema.Collection);

        if (name == DocumentFilter.ElementField && !list)
        {
            return schema.Element
                ?? throw new ArgumentException(
                    $"'{DocumentFilter.ElementField}' stands outside the condition of an Any over a list field."
                );
        }

        var field = schema.Collection.FindField(name) ?? throw Unknown(schema.Collection, name);
        if (field.IsList != list)
        {
            throw new ArgumentException(
                list ? $"Field '{name}' is no list." : $"Field '{name}' is a list: ask whether it contains a value."
            );
        }
        return field;
    }

    /// <summary>The key as a field of its kind.</summary>
    public static DataField KeyFieldOf(CollectionSchema schema) =>
        new(
            DocumentFilter.KeyField,
            schema.KeyKind switch
            {
                RecordKeyKind.Guid => DataFieldType.Guid,
                RecordKeyKind.Int32 => DataFieldType.Int32,
                RecordKeyKind.Int64 => DataFieldType.Int64,
                _ => DataFieldType.String,
            }
        );

    private static ArgumentException Unknown(CollectionSchema schema, string name) =>
        new(
            $"Collection '{schema.Name}' has no data field '{name}'; it has {(schema.Fields.Count == 0 ? "none" : string.Join(", ", schema.Fields.Select(f => f.Name)))}."
        );

    /// <summary>Where a condition stands: in a collection, and inside the condition on a list's elements or outside of any.</summary>
    private readonly record struct Scope(CollectionSchema Collection, DataField? Element)
    {
        public Scope Inside(DataField list) => this with { Element = new DataField(DocumentFilter.ElementField, list.Type) };
    }
}
