using System.Collections;
using System.Linq.Expressions;

namespace SearchEngine.SemanticKernel;

/// <summary>Comparisons of an operand with values, as the engine's filters; what comes out holds exactly where C#'s would.</summary>
internal static class OperandComparer
{
    /// <summary>operand ∘ value, with the meaning of C#'s operators: nothing compares with null, or with NaN.</summary>
    /// <exception cref="NotSupportedException">The operand has no order or is of another type than the value.</exception>
    public static DocumentFilter Compare(Expression node, FilterOperand operand, ComparisonOperator comparison, object? value)
    {
        var isEquality = comparison is ComparisonOperator.Equal or ComparisonOperator.NotEqual;
        if (operand.Default is { } fallback)
        {
            var withoutDefault = Compare(node, operand with { Default = null }, comparison, value);
            return WithDefault(operand, withoutDefault, Holds(fallback, comparison, value));
        }

        if (value is null)
        {
            return isEquality && !operand.IsLength
                ? new DocumentFilter.Comparison(operand.Field, comparison, null)
                : new DocumentFilter.Constant(comparison == ComparisonOperator.NotEqual);
        }

        if (operand.IsList)
            return CompareLists(node, operand, comparison, value);
        if (value.GetType() != operand.Type)
            throw WrongType(node, operand, value);
        if (operand.Map is not null || operand.IsLength)
            return CompareMapped(node, operand, comparison, value);
        if (!isEquality && value is not (IComparable and not bool))
            throw FilterErrors.Unsupported(node, $"{operand.Name} has no order");
        return new DocumentFilter.Comparison(operand.Field, comparison, Store(operand, value));
    }

    /// <summary>The operand is one of the values, with the meaning of <see cref="object.Equals(object)"/>: NaN equals NaN.</summary>
    /// <exception cref="NotSupportedException">The operand is a list, or of another type than a value.</exception>
    public static DocumentFilter In(Expression node, FilterOperand operand, IEnumerable values)
    {
        if (operand.IsList)
            throw FilterErrors.Unsupported(node, $"{operand.Name} is a list");
        var wanted = new List<object?>();
        foreach (var value in values)
        {
            if (value is null || value.GetType() == operand.Type)
                wanted.Add(value);
            else if (!operand.IsBoxed)
                throw WrongType(node, operand, value);

            // As an object it equals no value of another type.
        }

        if (operand.Default is { } fallback)
        {
            var withoutDefault = In(node, operand with { Default = null }, wanted.Where(v => v is not null));
            return WithDefault(operand, withoutDefault, wanted.Contains(fallback));
        }

        if (operand.Map is null && !operand.IsLength)
        {
            return wanted.Count == 0
                ? new DocumentFilter.Constant(false)
                : new DocumentFilter.In(operand.Field, [.. wanted.Select(v => v is null ? null : Store(operand, v))]);
        }

        var result = FilterLogic.False;
        foreach (var value in wanted)
        {
            // Only NaN becomes NaN.
            var one = value is double.NaN or float.NaN ? IsNaN(operand) : Compare(node, operand, ComparisonOperator.Equal, value);
            result = FilterLogic.Or(result, one);
        }

        return result;
    }

    /// <summary>The list has an element that is one of the values, with the meaning of In.</summary>
    public static DocumentFilter ContainsAny(Expression node, FilterOperand list, IEnumerable values)
    {
        var element = FilterOperand.OfElement(list);
        return In(node, element, values) switch
        {
            DocumentFilter.In stored => new DocumentFilter.ContainsAny(list.Field, stored.Values),
            var nothing => nothing,
        };
    }

    private static NotSupportedException WrongType(Expression node, FilterOperand operand, object value) =>
        FilterErrors.Unsupported(
            node,
            $"{operand.Name} of type '{operand.Type.Name}' is compared with a value of type '{value.GetType().Name}'"
        );

    private static DocumentFilter IsNaN(FilterOperand operand) =>
        operand.Source == typeof(float) ? new DocumentFilter.In(operand.Field, [float.NaN])
        : operand.Source == typeof(double) ? new DocumentFilter.In(operand.Field, [double.NaN])
        : FilterLogic.False;

    private static object Store(FilterOperand operand, object value)
    {
        DataTypes.TryMap(operand.Source, out var type, out _);
        return DataTypes.ToStored(value, type, isList: false)!;
    }

    private static DocumentFilter WithDefault(FilterOperand operand, DocumentFilter filter, bool holdsForDefault) =>
        holdsForDefault
            ? FilterLogic.Or(filter, DocumentFilter.Equal(operand.Field, null))
            : FilterLogic.And(filter, DocumentFilter.NotEqual(operand.Field, null));

    /// <summary>Lists compare element by element: a stored list has no identity for C#'s == to compare.</summary>
    private static DocumentFilter CompareLists(Expression node, FilterOperand operand, ComparisonOperator comparison, object value)
    {
        if (comparison is not (ComparisonOperator.Equal or ComparisonOperator.NotEqual) || value is not IEnumerable)
            throw FilterErrors.Unsupported(node, $"{operand.Name} is a list");
        DataTypes.TryMap(operand.Source, out var type, out _);
        var list = (List<object?>)DataTypes.ToStored(value, type, isList: true)!;
        var whole = new DocumentFilter.Comparison(operand.Field, comparison, list);

        // An index can say which records hold the first element; the others need not be read.
        return comparison == ComparisonOperator.Equal && list is [{ } first, ..]
            ? new DocumentFilter.And([new DocumentFilter.ContainsAny(operand.Field, [first]), whole])
            : whole;
    }

    private static DocumentFilter CompareMapped(Expression node, FilterOperand operand, ComparisonOperator comparison, object value)
    {
        if (value is double.NaN or float.NaN)
            return new DocumentFilter.Constant(comparison == ComparisonOperator.NotEqual);
        var domain =
            ValueDomain.Of(operand.IsLength ? typeof(int) : operand.Source)
            ?? throw FilterErrors.Unsupported(node, $"{operand.Name} has no order");
        var map = operand.Map ?? (static v => v);
        var atLeast = domain.First(v => Comparer.DefaultInvariant.Compare(map(v), value) >= 0);
        var above = domain.First(v => Comparer.DefaultInvariant.Compare(map(v), value) > 0);
        return comparison switch
        {
            ComparisonOperator.Less => Below(atLeast),
            ComparisonOperator.LessOrEqual => Below(above),
            ComparisonOperator.Greater => From(above),
            ComparisonOperator.GreaterOrEqual => From(atLeast),
            ComparisonOperator.Equal => Between(),
            _ => FilterLogic.Negate(Between()),
        };

        DocumentFilter Between() =>
            atLeast == above ? new DocumentFilter.Constant(false)
            : above is { } next && next - 1 == atLeast ? At(ComparisonOperator.Equal, atLeast.Value)
            : FilterLogic.And(From(atLeast), Below(above));

        // A bound that lies at an end lets through all numbers there are, or none.
        DocumentFilter From(long? bound) =>
            bound is { } number ? At(ComparisonOperator.GreaterOrEqual, number) : new DocumentFilter.Constant(false);

        DocumentFilter Below(long? bound) =>
            bound is { } number ? At(ComparisonOperator.Less, number) : At(ComparisonOperator.LessOrEqual, domain.Maximum);

        DocumentFilter At(ComparisonOperator at, long number) =>
            operand.IsLength
                ? new DocumentFilter.Length(operand.Field, at, number)
                : new DocumentFilter.Comparison(operand.Field, at, Store(operand, domain.ValueAt(number)));
    }

    private static bool Holds(object left, ComparisonOperator comparison, object? right)
    {
        if (right is null || left is double.NaN or float.NaN || right is double.NaN or float.NaN)
            return comparison == ComparisonOperator.NotEqual;
        if (comparison is ComparisonOperator.Equal or ComparisonOperator.NotEqual)
            return left.Equals(right) == (comparison == ComparisonOperator.Equal);
        var order = Comparer.DefaultInvariant.Compare(left, right);
        return comparison switch
        {
            ComparisonOperator.Less => order < 0,
            ComparisonOperator.LessOrEqual => order <= 0,
            ComparisonOperator.Greater => order > 0,
            _ => order >= 0,
        };
    }
}
