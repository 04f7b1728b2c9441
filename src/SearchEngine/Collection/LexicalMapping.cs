using SearchEngine.Lexical;

namespace SearchEngine;

/// <summary>Between the engine's fields and filters and the keyword index's.</summary>
internal static class LexicalMapping
{
    /// <summary>The keyword index's schema; null where no field is filterable or full text.</summary>
    public static LexicalSchema? ToLexical(CollectionSchema schema)
    {
        var fields = schema
            .Fields.Where(IsIndexed)
            .Select(field => new LexicalField
            {
                Name = field.Name,
                Kind = Kind(field.Type),
                IsList = field.IsList,
                IsFilterable = field.IsFilterable && IsIndexable(field.Type),
                IsFullText = field.IsFullText,
                Boost = field.Boost,
            })
            .ToArray();
        return fields.Length == 0 ? null : new LexicalSchema { Fields = fields, Analyzer = schema.Analyzer };
    }

    public static LexicalDocument ToLexical(CollectionSchema schema, int ordinal, object?[] values)
    {
        var mapped = new List<(string, object?)>(values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            var field = schema.Fields[i];
            if (!IsIndexed(field) || values[i] is null)
                continue;
            mapped.Add((field.Name, field.IsList ? ((Array)values[i]!).Cast<object?>().Select(Value).ToArray() : Value(values[i])));
        }

        return new LexicalDocument(ordinal, mapped);
    }

    /// <summary>The same filter for the keyword index; null where some field in it has no index there.</summary>
    public static LexicalFilter? ToLexical(CollectionSchema schema, DocumentFilter filter)
    {
        switch (filter)
        {
            case DocumentFilter.Constant c:
                return c.Value ? LexicalFilter.All : LexicalFilter.None;
            case DocumentFilter.Comparison c
                when HasIndex(schema, c.Field) && (c.Value is null || schema.FindField(c.Field) is { IsList: false }):
                var value = Value(c.Value);
                return c.Operator switch
                {
                    ComparisonOperator.Equal => new LexicalFilter.Equal(c.Field, value),
                    ComparisonOperator.NotEqual => new LexicalFilter.NotEqual(c.Field, value),
                    ComparisonOperator.Less => new LexicalFilter.Less(c.Field, value),
                    ComparisonOperator.LessOrEqual => new LexicalFilter.LessOrEqual(c.Field, value),
                    ComparisonOperator.Greater => new LexicalFilter.Greater(c.Field, value),
                    _ => new LexicalFilter.GreaterOrEqual(c.Field, value),
                };
            case DocumentFilter.In c when HasIndex(schema, c.Field):
                return new LexicalFilter.In(c.Field, [.. c.Values.Select(Value)]);
            case DocumentFilter.ContainsAny c when HasIndex(schema, c.Field):
                return new LexicalFilter.Any(c.Field, [.. c.Values.Select(Value)]);
            case DocumentFilter.And c when ToLexical(schema, c.Conditions) is { } parts:
                return new LexicalFilter.And(parts);
            case DocumentFilter.Or c when ToLexical(schema, c.Conditions) is { } parts:
                return new LexicalFilter.Or(parts);
            case DocumentFilter.Not c when ToLexical(schema, c.Condition) is { } inner:
                return new LexicalFilter.Not(inner);
            default:
                return null;
        }
    }

    private static LexicalFilter[]? ToLexical(CollectionSchema schema, IReadOnlyList<DocumentFilter> filters)
    {
        var parts = new LexicalFilter[filters.Count];
        for (var i = 0; i < parts.Length; i++)
        {
            if (ToLexical(schema, filters[i]) is not { } part)
                return null;
            parts[i] = part;
        }

        return parts;
    }

    private static bool HasIndex(CollectionSchema schema, string name) =>
        schema.FindField(name) is { IsFilterable: true } field && IsIndexable(field.Type);

    private static bool IsIndexed(DataField field) => field.IsFullText || (field.IsFilterable && IsIndexable(field.Type));

    /// <summary>Decimals have no order-preserving form in the index: filters on them read the records.</summary>
    private static bool IsIndexable(DataFieldType type) => type is not (DataFieldType.Decimal or DataFieldType.Bytes);

    private static LexicalFieldKind Kind(DataFieldType type) =>
        type switch
        {
            DataFieldType.String or DataFieldType.Guid => LexicalFieldKind.String,
            DataFieldType.Boolean => LexicalFieldKind.Boolean,
            DataFieldType.Single or DataFieldType.Double => LexicalFieldKind.Double,
            _ => LexicalFieldKind.Int64,
        };

    /// <summary>A value read back from the keyword index, as the field's own type.</summary>
    public static object? FromLexical(DataFieldType type, object? value) =>
        value is null
            ? null
            : type switch
            {
                DataFieldType.DateTime => new DateTime((long)value),
                DataFieldType.DateTimeOffset => new DateTimeOffset((long)value, TimeSpan.Zero),
                DataFieldType.DateOnly => DateOnly.FromDayNumber((int)(long)value),
                DataFieldType.TimeOnly => new TimeOnly((long)value),
                DataFieldType.Guid => Guid.Parse((string)value),
                DataFieldType.Byte or DataFieldType.Int16 or DataFieldType.Int32 or DataFieldType.Single => Convert.ChangeType(
                    value,
                    FieldValues.ClrType(type),
                    System.Globalization.CultureInfo.InvariantCulture
                ),
                _ => value,
            };

    /// <summary>Guids order as their canonical text does; dates and times as ticks, instants for those with an offset.</summary>
    public static object? Value(object? value) =>
        value switch
        {
            null => null,
            byte or short or int => Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture),
            float single => (double)single,
            DateTime time => time.Ticks,
            DateTimeOffset time => time.UtcTicks,
            DateOnly date => (long)date.DayNumber,
            TimeOnly time => time.Ticks,
            Guid guid => guid.ToString("D"),
            _ => value,
        };
}
