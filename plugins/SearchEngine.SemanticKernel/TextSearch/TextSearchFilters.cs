using System.Globalization;
using System.Linq.Expressions;
using Microsoft.Extensions.VectorData;

namespace SearchEngine.SemanticKernel;

#pragma warning disable CS0618 // Filter clauses are obsolete, and are what the older ITextSearch has.

/// <summary>Makes lambdas of the filter clauses of the older text search interface.</summary>
internal static class TextSearchFilters
{
    /// <summary>The clauses, all of which have to hold; null where there are none.</summary>
    /// <exception cref="InvalidOperationException">A clause names a property that the record type does not have.</exception>
    /// <exception cref="NotSupportedException">A clause of an unknown kind.</exception>
    public static Expression<Func<TRecord, bool>>? ToLambda<TRecord>(IEnumerable<FilterClause>? clauses)
    {
        if (clauses is null)
            return null;
        var record = Expression.Parameter(typeof(TRecord), "record");
        Expression? all = null;
        foreach (var clause in clauses)
        {
            var condition = clause switch
            {
                EqualToFilterClause equal => ToEqual(record, equal.FieldName, equal.Value),
                AnyTagEqualToFilterClause tag => ToContains(record, tag.FieldName, tag.Value),
                _ => throw new NotSupportedException($"Filter clause '{clause.GetType().Name}' is not supported."),
            };
            all = all is null ? condition : Expression.AndAlso(all, condition);
        }

        return all is null ? null : Expression.Lambda<Func<TRecord, bool>>(all, record);
    }

    private static Expression ToEqual(ParameterExpression record, string name, object? value)
    {
        var property = ToProperty(record, name);
        var type = Nullable.GetUnderlyingType(property.Type) ?? property.Type;
        if (value is IConvertible && value.GetType() != type && type != typeof(object) && !type.IsEnum)
            value = Convert.ChangeType(value, type, CultureInfo.InvariantCulture);
        return Expression.Equal(property, Expression.Constant(value, property.Type));
    }

    private static MethodCallExpression ToContains(ParameterExpression record, string name, string value)
    {
        var property = ToProperty(record, name);
        var source = property.Type == typeof(object) ? Expression.Convert(property, typeof(List<string>)) : property;
        return Expression.Call(typeof(Enumerable), nameof(Enumerable.Contains), [typeof(string)], source, Expression.Constant(value));
    }

    private static Expression ToProperty(ParameterExpression record, string name) =>
        record.Type == typeof(Dictionary<string, object?>)
            ? Expression.Call(record, record.Type.GetMethod("get_Item")!, Expression.Constant(name))
            : Expression.Property(
                record,
                record.Type.GetProperty(name)
                    ?? throw new InvalidOperationException($"Property '{name}' not found on type '{record.Type.Name}'.")
            );
}
