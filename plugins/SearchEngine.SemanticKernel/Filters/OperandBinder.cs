using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Linq.Expressions;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace SearchEngine.SemanticKernel;

/// <summary>Finds what parts of a lambda stand for in the record: properties, elements of lists, lengths, and casts of them.</summary>
internal sealed class OperandBinder(CollectionModel model, ParameterExpression record)
{
    /// <summary>The parameter that stands for an element, and what it stands for, inside the predicate over a list property.</summary>
    public (ParameterExpression Parameter, FilterOperand Operand)? Element { get; set; }

    /// <summary>The operand of an expression; false where it does not come from the record, or in a way that is not understood.</summary>
    /// <exception cref="InvalidOperationException">It names a property that the model does not have.</exception>
    /// <exception cref="InvalidCastException">It unboxes a property as another type than the model's.</exception>
    /// <exception cref="NotSupportedException">It casts in a way that does not keep the order of the values.</exception>
    public bool TryBind(Expression expression, [NotNullWhen(true)] out FilterOperand? operand)
    {
        operand = expression switch
        {
            ParameterExpression parameter => parameter == Element?.Parameter ? Element.Value.Operand : null,
            UnaryExpression { NodeType: ExpressionType.Convert or ExpressionType.ConvertChecked or ExpressionType.TypeAs } cast => TryBind(
                cast.Operand,
                out var inner
            )
                ? Cast(cast, inner)
                : null,
            UnaryExpression { NodeType: ExpressionType.ArrayLength } length => TryBind(length.Operand, out var inner)
                ? Length(inner)
                : null,
            BinaryExpression { NodeType: ExpressionType.Coalesce, Conversion: null } coalesce => Coalesce(coalesce),
            MemberExpression { Expression: { } instance } member => Unwrap(instance) == record
                ? FilterOperand.Of(Find(member.Member.Name), isBoxed: false)
                : Member(member, instance),
            MethodCallExpression call => Call(call),
            _ => null,
        };
        return operand is not null;
    }

    private static Expression Unwrap(Expression expression)
    {
        while (expression is UnaryExpression { NodeType: ExpressionType.Convert or ExpressionType.TypeAs } cast)
            expression = cast.Operand;
        return expression;
    }

    private static FilterOperand? Length(FilterOperand operand)
    {
        var isText = operand.Source == typeof(string);
        if (!operand.IsList && !isText || operand.Map is not null || operand.Default is not null)
            return null;
        return operand with { IsLength = true, Type = typeof(int), Name = $"the length of {operand.Name}" };
    }

    private static FilterOperand Cast(UnaryExpression cast, FilterOperand operand)
    {
        var target = Nullable.GetUnderlyingType(cast.Type) ?? cast.Type;
        if (target == operand.Type)
            return operand with { IsBoxed = false };
        if (operand.IsList)
        {
            // A view of the same elements; arrays may be seen as arrays of a type of the same bits, which would read them differently.
            var element = DataTypes.GetElementType(operand.Source)!;
            if (
                target == typeof(object)
                || target.IsAssignableFrom(operand.Type) && (DataTypes.GetElementType(target) ?? element) == element
            )
            {
                return operand with { IsBoxed = target == typeof(object) };
            }

            if (!element.IsValueType && target.IsAssignableFrom(operand.Type))
                return operand with { IsBoxed = false };
            throw Mismatch(cast, operand);
        }

        if (!target.IsValueType && target != typeof(string) && target.IsAssignableFrom(operand.Type))
            return operand with { IsBoxed = true };
        if (operand.IsBoxed)
            throw Mismatch(cast, operand);
        if (Underlying(operand.Type) == Underlying(target))
        {
            // An enum and its numbers are stored alike: nothing is to be mapped but what was mapped already.
            return operand.Map is null
                ? operand with
                {
                    Type = target,
                    Default = operand.Default is null ? null : Relabel(operand.Default, target),
                }
                : operand.Then(v => Relabel(v, target), target);
        }

        return ValueMaps.Cast(Underlying(operand.Type), target) is { } map
            ? operand.Then(
                v => map(v is Enum ? Convert.ChangeType(v, Enum.GetUnderlyingType(v.GetType()), CultureInfo.InvariantCulture) : v),
                target
            )
            : throw new NotSupportedException(
                $"The filter expression '{cast}' is not supported: the cast of {operand.Name} from '{operand.Type.Name}' to '{target.Name}' does not keep every value. Compare it with a '{operand.Type.Name}'."
            );
    }

    private static object Relabel(object value, Type target) =>
        target.IsEnum ? Enum.ToObject(target, value) : Convert.ChangeType(value, target, CultureInfo.InvariantCulture);

    private static Type Underlying(Type type) => type.IsEnum ? Enum.GetUnderlyingType(type) : type;

    private static InvalidCastException Mismatch(UnaryExpression cast, FilterOperand operand) =>
        new($"In the filter, {operand.Name} is being cast to type '{cast.Type.Name}', but its configured type is '{operand.Type.Name}'.");

    private PropertyModel Find(string name) =>
        model.PropertyMap.TryGetValue(name, out var property)
            ? property
            : throw new InvalidOperationException(
                $"Property name '{name}' provided as part of the filter clause is not a valid property name; there are {string.Join(", ", model.PropertyMap.Keys)}."
            );

    private FilterOperand? Coalesce(BinaryExpression coalesce)
    {
        if (!TryBind(coalesce.Left, out var operand) || !ConstantValue.TryEvaluate(coalesce.Right, out var value))
            return null;
        return WithDefault(operand, value);
    }

    private static FilterOperand? WithDefault(FilterOperand operand, object? value)
    {
        if (operand.IsList || operand.IsLength)
            return null;
        if (value is null || operand.Default is not null)
            return operand;
        return value.GetType() == operand.Type ? operand with { Default = value } : null;
    }

    private FilterOperand? Member(MemberExpression member, Expression instance)
    {
        if (!TryBind(instance, out var operand))
            return null;
        var name = member.Member.Name;
        if (Nullable.GetUnderlyingType(instance.Type) is not null)
            return name == nameof(Nullable<int>.Value) ? operand : null;
        if (operand.Source == typeof(string) && name == nameof(string.Length) || operand.IsList && name == nameof(ICollection.Count))
            return Length(operand);
        return ValueMaps.Member(operand.Type, name) is var (type, map) ? operand.Then(map, type) : null;
    }

    private FilterOperand? Call(MethodCallExpression call)
    {
        var method = call.Method;
        switch (method.Name)
        {
            case "get_Item" when call is { Object: { } instance, Arguments: [var key] }:
                return
                    Unwrap(instance) == record
                    && method.DeclaringType == typeof(Dictionary<string, object?>)
                    && ConstantValue.TryEvaluate(key, out var name)
                    ? FilterOperand.Of(Find((string)name!), isBoxed: true)
                    : null;
            case nameof(Nullable<int>.GetValueOrDefault)
                when call.Object is { } nullable && Nullable.GetUnderlyingType(nullable.Type) is { } type:
                if (!TryBind(nullable, out var operand))
                    return null;
                if (call.Arguments is not [var argument])
                    return WithDefault(operand, Activator.CreateInstance(type));
                return ConstantValue.TryEvaluate(argument, out var fallback) ? WithDefault(operand, fallback) : null;
            case nameof(Enumerable.Count) when method.DeclaringType == typeof(Enumerable) && call.Arguments is [var source]:
                return TryBind(source, out var list) && list.IsList ? Length(list) : null;
            default:
                return null;
        }
    }
}
