using System.Linq.Expressions;
using System.Reflection;

namespace SearchEngine.SemanticKernel.Tests.Filters;

/// <summary>Random conditions on a <see cref="FilterRow"/>, in the forms that a C# compiler gives to lambdas.</summary>
internal sealed class FilterGenerator(Random random, FilterValues values)
{
    private static readonly PropertyInfo[] Lists = [.. typeof(FilterRow).GetProperties().Where(p => ElementOf(p.PropertyType) is not null)];

    private static readonly PropertyInfo[] Scalars =
    [
        .. typeof(FilterRow).GetProperties().Where(p => ElementOf(p.PropertyType) is null && p.Name != nameof(FilterRow.Vector)),
    ];

    private static readonly Type[] Numbers =
    [
        typeof(byte),
        typeof(sbyte),
        typeof(short),
        typeof(ushort),
        typeof(int),
        typeof(uint),
        typeof(long),
        typeof(ulong),
        typeof(float),
        typeof(double),
        typeof(decimal),
    ];

    private readonly ParameterExpression _row = Expression.Parameter(typeof(FilterRow), "r");
    private int _elements;

    public Expression<Func<FilterRow, bool>> Next() => Expression.Lambda<Func<FilterRow, bool>>(Condition(random.Next(4), null), _row);

    private static Type? ElementOf(Type type) =>
        type.IsArray ? type.GetElementType()
        : type.IsGenericType && typeof(System.Collections.IEnumerable).IsAssignableFrom(type) ? type.GetGenericArguments()[0]
        : null;

    private Expression Condition(int depth, ParameterExpression? element)
    {
        if (depth > 0)
        {
            switch (random.Next(9))
            {
                case 0 or 1:
                    return Expression.AndAlso(Condition(depth - 1, element), Condition(depth - 1, element));
                case 2 or 3:
                    return Expression.OrElse(Condition(depth - 1, element), Condition(depth - 1, element));
                case 4:
                    return Expression.Not(Condition(depth - 1, element));
                case 5:
                    return Expression.Condition(
                        Condition(depth - 1, element),
                        Condition(depth - 1, element),
                        Condition(depth - 1, element)
                    );
                case 6:
                    return Expression.ExclusiveOr(Condition(depth - 1, element), Condition(depth - 1, element));
                case 7:
                    return Expression.Equal(
                        Expression.Convert(Condition(depth - 1, element), typeof(bool?)),
                        Expression.Constant(values.Next(typeof(bool?)), typeof(bool?))
                    );
                default:
                    return random.Next(2) == 0
                        ? Expression.And(Condition(depth - 1, element), Condition(depth - 1, element))
                        : Expression.Or(Condition(depth - 1, element), Condition(depth - 1, element));
            }
        }

        return random.Next(element is null ? 10 : 6) switch
        {
            0 or 1 or 2 => Comparison(element),
            3 => In(element),
            4 => Text(element),
            5 => Equals(element),
            6 => Quantifier(),
            7 => OnList(),
            8 => OverValues(),
            _ => Truth(element),
        };
    }

    /// <summary>What is compared: a property or the element, with casts, members and stand-ins for null.</summary>
    private Expression Operand(ParameterExpression? element)
    {
        if (random.Next(12) == 0)
            return Length();
        var operand =
            element is not null && random.Next(5) > 0
                ? (Expression)element
                : Expression.Property(_row, Scalars[random.Next(Scalars.Length)]);
        if (random.Next(4) == 0 && Nullable.GetUnderlyingType(operand.Type) is { } type)
        {
            operand = random.Next(4) switch
            {
                0 => Expression.Property(operand, nameof(Nullable<int>.Value)),
                1 => Expression.Call(operand, nameof(Nullable<int>.GetValueOrDefault), null),
                2 => Expression.Call(operand, nameof(Nullable<int>.GetValueOrDefault), null, Constant(type)),
                _ => Expression.Coalesce(operand, Constant(type)),
            };
        }
        else if (operand.Type == typeof(string) && random.Next(5) == 0)
        {
            operand = Expression.Coalesce(operand, Constant(typeof(string)));
        }

        if (random.Next(3) == 0)
            operand = Member(operand);
        for (var i = random.Next(-1, 3); i > 0; i--)
            operand = Cast(operand);
        return operand;
    }

    private Expression Length() =>
        random.Next(4) switch
        {
            0 => Expression.ArrayLength(Expression.Property(_row, nameof(FilterRow.Tags))),
            1 => Expression.Property(Expression.Property(_row, nameof(FilterRow.Words)), nameof(List<string>.Count)),
            2 => Expression.Property(Expression.Property(_row, nameof(FilterRow.Text)), nameof(string.Length)),
            _ => Expression.Call(
                typeof(Enumerable),
                nameof(Enumerable.Count),
                [typeof(double)],
                Expression.Property(_row, nameof(FilterRow.Doubles))
            ),
        };

    private Expression Member(Expression operand)
    {
        string[] names =
            operand.Type == typeof(DateTime) ? ["Date", "Year", "Ticks", "Month"]
            : operand.Type == typeof(DateTimeOffset) ? ["UtcDateTime", "UtcTicks", "Date"]
            : operand.Type == typeof(DateOnly) ? ["Year", "DayNumber", "Day"]
            : operand.Type == typeof(TimeOnly) ? ["Hour", "Ticks", "Minute"]
            : operand.Type == typeof(string) ? ["Length"]
            : [];
        return names.Length == 0 ? operand : Expression.Property(operand, names[random.Next(names.Length)]);
    }

    private Expression Cast(Expression operand)
    {
        var type = Nullable.GetUnderlyingType(operand.Type) ?? operand.Type;
        if (type.IsEnum)
            return Expression.Convert(operand, operand.Type == type ? typeof(int) : typeof(int?));
        if (Array.IndexOf(Numbers, type) < 0)
        {
            return random.Next(4) == 0 && type.IsValueType
                ? Expression.Convert(operand, typeof(Nullable<>).MakeGenericType(type))
                : operand;
        }
        var target = Numbers[random.Next(Numbers.Length)];
        return Expression.Convert(
            operand,
            operand.Type == type && random.Next(3) > 0 ? target : typeof(Nullable<>).MakeGenericType(target)
        );
    }

    private Expression Constant(Type type)
    {
        // A captured variable, or a literal.
        var value = values.Next(type);
        return random.Next(3) == 0
            ? Expression.Property(Expression.Constant(Activator.CreateInstance(typeof(Box<>).MakeGenericType(type), value)), "Value")
            : Expression.Constant(value, type);
    }

    private Expression Comparison(ParameterExpression? element)
    {
        var operand = Operand(element);
        var type = operand.Type;
        var underlying = Nullable.GetUnderlyingType(type) ?? type;
        var value = type == typeof(string) ? Expression.Constant(random.Next(6) == 0 ? null : values.Next(type), type) : Constant(type);
        var hasOrder = underlying != typeof(string) && underlying != typeof(bool) && !underlying.IsEnum;
        var kind = random.Next(hasOrder ? 6 : 2);
        var (left, right) = random.Next(3) == 0 ? (value, operand) : (operand, value);
        return kind switch
        {
            0 => Expression.Equal(left, right),
            1 => Expression.NotEqual(left, right),
            2 => Expression.LessThan(left, right),
            3 => Expression.LessThanOrEqual(left, right),
            4 => Expression.GreaterThan(left, right),
            _ => Expression.GreaterThanOrEqual(left, right),
        };
    }

    private Expression In(ParameterExpression? element)
    {
        var operand = Operand(element);
        if (random.Next(6) == 0)
        {
            object?[] mixed = [values.Next(typeof(int)), values.Next(typeof(string)), values.Next(typeof(double)), null];
            return Expression.Call(
                typeof(Enumerable),
                nameof(Enumerable.Contains),
                [typeof(object)],
                Expression.Constant(mixed),
                Expression.Convert(operand, typeof(object))
            );
        }

        var wanted = values.Several(operand.Type, withNull: !operand.Type.IsValueType);
        var form = random.Next(3);
        if (form == 0)
            return Expression.Call(typeof(Enumerable), nameof(Enumerable.Contains), [operand.Type], Expression.Constant(wanted), operand);
        var collection = Activator.CreateInstance((form == 1 ? typeof(List<>) : typeof(HashSet<>)).MakeGenericType(operand.Type), wanted)!;
        return Expression.Call(Expression.Constant(collection), nameof(List<int>.Contains), null, operand);
    }

    private Expression Text(ParameterExpression? element)
    {
        Expression text =
            element is not null && element.Type == typeof(string) ? element : Expression.Property(_row, nameof(FilterRow.Text));
        if (random.Next(4) == 0)
            text = Expression.Coalesce(text, Constant(typeof(string)));
        var argument = Constant(typeof(string));
        if (random.Next(8) == 0)
            return Expression.Call(typeof(string), nameof(string.IsNullOrEmpty), null, text);
        string[] names = ["Contains", "StartsWith", "EndsWith", "Equals"];
        var name = names[random.Next(names.Length)];
        if (random.Next(3) == 0)
            return Expression.Call(text, typeof(string).GetMethod(name, [typeof(string)])!, argument);
        StringComparison[] comparisons =
        [
            StringComparison.Ordinal,
            StringComparison.OrdinalIgnoreCase,
            StringComparison.OrdinalIgnoreCase,
            StringComparison.CurrentCulture,
        ];
        var comparison = Expression.Constant(comparisons[random.Next(comparisons.Length)]);
        return name == "Equals" && random.Next(2) == 0
            ? Expression.Call(
                typeof(string).GetMethod(name, [typeof(string), typeof(string), typeof(StringComparison)])!,
                text,
                argument,
                comparison
            )
            : Expression.Call(text, typeof(string).GetMethod(name, [typeof(string), typeof(StringComparison)])!, argument, comparison);
    }

    private Expression Equals(ParameterExpression? element)
    {
        var operand = Operand(element);
        var value = Constant(random.Next(4) == 0 ? typeof(long) : operand.Type);
        var asObject = Expression.Convert(value, typeof(object));
        return random.Next(2) == 0
            ? Expression.Call(typeof(object), nameof(object.Equals), null, Expression.Convert(operand, typeof(object)), asObject)
            : Expression.Call(operand, operand.Type.GetMethod(nameof(object.Equals), [typeof(object)])!, asObject);
    }

    private Expression Quantifier()
    {
        var list = Expression.Property(_row, Lists[random.Next(Lists.Length)]);
        var element = Expression.Parameter(ElementOf(list.Type)!, $"e{_elements++}");
        var condition = Condition(random.Next(3), element);
        return Expression.Call(
            typeof(Enumerable),
            random.Next(3) == 0 ? nameof(Enumerable.All) : nameof(Enumerable.Any),
            [element.Type],
            list,
            Expression.Lambda(condition, element)
        );
    }

    private Expression OnList()
    {
        var list = Expression.Property(_row, Lists[random.Next(Lists.Length)]);
        var type = ElementOf(list.Type)!;
        return random.Next(3) == 0
            ? Expression.Call(typeof(Enumerable), nameof(Enumerable.Any), [type], list)
            : Expression.Call(typeof(Enumerable), nameof(Enumerable.Contains), [type], list, Constant(type));
    }

    private Expression OverValues()
    {
        var list = Expression.Property(_row, Lists[random.Next(Lists.Length)]);
        var type = ElementOf(list.Type)!;
        var value = Expression.Parameter(type, "v");
        return Expression.Call(
            typeof(Enumerable),
            random.Next(2) == 0 ? nameof(Enumerable.All) : nameof(Enumerable.Any),
            [type],
            Expression.Constant(values.Several(type)),
            Expression.Lambda(Expression.Call(typeof(Enumerable), nameof(Enumerable.Contains), [type], list, value), value)
        );
    }

    private Expression Truth(ParameterExpression? element)
    {
        if (element?.Type == typeof(bool))
            return element;
        var flag = Expression.Property(_row, nameof(FilterRow.Flag));
        return random.Next(7) switch
        {
            0 => Expression.Property(_row, nameof(FilterRow.Bool)),
            1 => Expression.Property(Expression.Property(_row, nameof(FilterRow.TimeOrNull)), nameof(Nullable<int>.HasValue)),
            2 => Expression.Coalesce(flag, Expression.Constant(random.Next(2) == 0)),
            3 => Expression.Equal(Expression.Not(flag), Expression.Constant(true, typeof(bool?))),
            4 => Expression.Equal(
                Expression.And(flag, Expression.Convert(Expression.Property(_row, nameof(FilterRow.Bool)), typeof(bool?))),
                Expression.Constant(false, typeof(bool?))
            ),
            5 => Expression.Convert(flag, typeof(bool)),
            _ => Expression.Constant(random.Next(2) == 0),
        };
    }

    private sealed record Box<T>(T Value);
}
