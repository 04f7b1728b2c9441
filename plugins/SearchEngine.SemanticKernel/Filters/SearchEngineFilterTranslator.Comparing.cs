using System.Collections;
using System.Globalization;
using System.Linq.Expressions;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace SearchEngine.SemanticKernel;

/// <content>Conditions on one property, with values that its field type may not hold exactly.</content>
internal sealed partial class SearchEngineFilterTranslator
{
    /// <summary>Where a value lies among those that a field type can hold.</summary>
    private enum Position
    {
        /// <summary>It is one of them.</summary>
        Exact,

        /// <summary>Between two of them; the lower is given.</summary>
        Between,

        /// <summary>Above all of them.</summary>
        Above,

        /// <summary>Below all of them.</summary>
        Below,

        /// <summary>Not comparable (NaN).</summary>
        Unordered,
    }

    private static DocumentFilter Compare(Expression node, PropertyModel property, ComparisonOperator comparison, object? value)
    {
        var field = FieldOf(property, node);
        var equality = comparison is ComparisonOperator.Equal or ComparisonOperator.NotEqual;
        if (value is null)
            return equality ? new DocumentFilter.Comparison(field, comparison, null) : new DocumentFilter.Constant(false);
        var (type, isList) = TypeOf(property);
        if (isList)
        {
            if (!equality || value is not IEnumerable)
                throw Unsupported(node, $"property '{property.ModelName}' is a list");
            var list = (List<object?>)DataTypes.ToStored(value, type, isList: true)!;
            var whole = new DocumentFilter.Comparison(field, comparison, list);

            // An index can say which records hold the first element; the others need not be read.
            return comparison == ComparisonOperator.Equal && list is [{ } first, ..]
                ? new DocumentFilter.And([new DocumentFilter.ContainsAny(field, [first]), whole])
                : whole;
        }

        var (position, stored) = Coerce(node, property, type, value);
        return position switch
        {
            Position.Exact => new DocumentFilter.Comparison(field, comparison, stored),
            _ when equality => new DocumentFilter.Constant(comparison == ComparisonOperator.NotEqual),
            Position.Between => new DocumentFilter.Comparison(
                field,
                comparison is ComparisonOperator.Less or ComparisonOperator.LessOrEqual
                    ? ComparisonOperator.LessOrEqual
                    : ComparisonOperator.Greater,
                stored
            ),

            // Every value there is lies on one side: the condition holds for all but absent ones, or for none.
            Position.Above when comparison is ComparisonOperator.Less or ComparisonOperator.LessOrEqual => DocumentFilter.NotEqual(
                field,
                null
            ),
            Position.Below when comparison is ComparisonOperator.Greater or ComparisonOperator.GreaterOrEqual => DocumentFilter.NotEqual(
                field,
                null
            ),
            _ => new DocumentFilter.Constant(false),
        };
    }

    private static DocumentFilter In(Expression node, PropertyModel property, IEnumerable values)
    {
        var field = FieldOf(property, node);
        var (type, isList) = TypeOf(property);
        if (isList)
            throw Unsupported(node, $"property '{property.ModelName}' is a list");
        var stored = CoerceAll(node, property, type, values);
        return stored.Count == 0 ? new DocumentFilter.Constant(false) : new DocumentFilter.In(field, stored);
    }

    private static DocumentFilter ContainsAny(Expression node, PropertyModel property, IEnumerable values)
    {
        var field = FieldOf(property, node);
        var stored = CoerceAll(node, property, TypeOf(property).Type, values);
        return stored.Count == 0 ? new DocumentFilter.Constant(false) : new DocumentFilter.ContainsAny(field, stored);
    }

    /// <summary>The values as stored; those that the field cannot hold equal nothing and fall out.</summary>
    private static List<object?> CoerceAll(Expression node, PropertyModel property, DataFieldType type, IEnumerable values)
    {
        var result = new List<object?>();
        foreach (var value in values)
        {
            if (value is null)
            {
                result.Add(null);
            }
            else if (Coerce(node, property, type, value) is (Position.Exact, var stored))
            {
                result.Add(stored);
            }
        }

        return result;
    }

    private static (DataFieldType Type, bool IsList) TypeOf(PropertyModel property)
    {
        if (property is KeyPropertyModel)
        {
            SchemaMapping.TryMapKey(property.Type, out var kind);
            return (
                kind switch
                {
                    RecordKeyKind.Guid => DataFieldType.Guid,
                    RecordKeyKind.Int32 => DataFieldType.Int32,
                    RecordKeyKind.Int64 => DataFieldType.Int64,
                    _ => DataFieldType.String,
                },
                false
            );
        }

        DataTypes.TryMap(property.Type, out var type, out var isList);
        return (type, isList);
    }

    private static (Position Position, object? Stored) Coerce(Expression node, PropertyModel property, DataFieldType type, object value)
    {
        if (value is Enum)
            value = Convert.ToInt64(value, CultureInfo.InvariantCulture);
        var target = DataTypes.GetStoredType(type);
        if (value.GetType() == target)
        {
            return value is double.NaN or float.NaN ? (Position.Unordered, null) : (Position.Exact, value);
        }

        return (type, value) switch
        {
            (DataFieldType.Byte or DataFieldType.Int16 or DataFieldType.Int32 or DataFieldType.Int64, float or double) => CoerceToInteger(
                target,
                Convert.ToDouble(value, CultureInfo.InvariantCulture)
            ),
            (
                DataFieldType.Byte
                    or DataFieldType.Int16
                    or DataFieldType.Int32
                    or DataFieldType.Int64,
                decimal
                    or byte
                    or sbyte
                    or short
                    or ushort
                    or int
                    or uint
                    or long
                    or ulong
            ) => CoerceToInteger(target, Convert.ToDecimal(value, CultureInfo.InvariantCulture)),
            (DataFieldType.Single, double or byte or sbyte or short or ushort or int or uint or long or ulong) => CoerceToSingle(
                Convert.ToDouble(value, CultureInfo.InvariantCulture)
            ),
            (DataFieldType.Double, float or byte or sbyte or short or ushort or int or uint or long or ulong) => CoerceToDouble(
                Convert.ToDouble(value, CultureInfo.InvariantCulture)
            ),
            (DataFieldType.Decimal, byte or sbyte or short or ushort or int or uint or long or ulong) => (
                Position.Exact,
                Convert.ToDecimal(value, CultureInfo.InvariantCulture)
            ),
            (DataFieldType.String, char character) => (Position.Exact, character.ToString()),
            _ => throw Unsupported(
                node,
                $"property '{property.ModelName}' of type '{property.Type.Name}' is compared with a value of type '{value.GetType().Name}'"
            ),
        };
    }

    private static (Position, object?) CoerceToInteger(Type target, double value)
    {
        if (double.IsNaN(value))
            return (Position.Unordered, null);

        // Beyond a decimal's range lies beyond every integer's.
        if (value >= 1e19)
            return (Position.Above, null);
        return value <= -1e19
            ? (Position.Below, null)
            : CoerceToInteger(target, (decimal)Math.Floor(value), exact: Math.Floor(value) == value);
    }

    private static (Position, object?) CoerceToInteger(Type target, decimal value) =>
        CoerceToInteger(target, decimal.Floor(value), exact: decimal.Floor(value) == value);

    private static (Position, object?) CoerceToInteger(Type target, decimal floor, bool exact)
    {
        var (minimum, maximum) =
            target == typeof(byte) ? (byte.MinValue, byte.MaxValue)
            : target == typeof(short) ? (short.MinValue, short.MaxValue)
            : target == typeof(int) ? (int.MinValue, int.MaxValue)
            : ((decimal)long.MinValue, (decimal)long.MaxValue);
        if (floor > maximum)
            return (Position.Above, null);
        return floor < minimum
            ? (Position.Below, null)
            : (exact ? Position.Exact : Position.Between, Convert.ChangeType(floor, target, CultureInfo.InvariantCulture));
    }

    private static (Position, object?) CoerceToSingle(double value)
    {
        if (double.IsNaN(value))
            return (Position.Unordered, null);
        var rounded = (float)value;
        if (rounded == value)
            return (Position.Exact, rounded);
        return (Position.Between, rounded > value ? MathF.BitDecrement(rounded) : rounded);
    }

    private static (Position, object?) CoerceToDouble(double value) =>
        double.IsNaN(value) ? (Position.Unordered, null) : (Position.Exact, value);
}
