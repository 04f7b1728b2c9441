using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using System.Reflection;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace SearchEngine.SemanticKernel;

/// <content>What parts of a lambda stand for: properties of the record, or values.</content>
internal sealed partial class SearchEngineFilterTranslator
{
    private static readonly Dictionary<Type, Type[]> Widenings = new()
    {
        [typeof(byte)] =
        [
            typeof(short),
            typeof(ushort),
            typeof(int),
            typeof(uint),
            typeof(long),
            typeof(float),
            typeof(double),
            typeof(decimal),
        ],
        [typeof(sbyte)] = [typeof(short), typeof(int), typeof(long), typeof(float), typeof(double), typeof(decimal)],
        [typeof(short)] = [typeof(int), typeof(long), typeof(float), typeof(double), typeof(decimal)],
        [typeof(ushort)] = [typeof(int), typeof(uint), typeof(long), typeof(float), typeof(double), typeof(decimal)],
        [typeof(int)] = [typeof(long), typeof(float), typeof(double), typeof(decimal)],
        [typeof(uint)] = [typeof(long), typeof(float), typeof(double), typeof(decimal)],
        [typeof(long)] = [typeof(float), typeof(double), typeof(decimal)],
        [typeof(float)] = [typeof(double)],
    };

    /// <summary>
    /// The property that an expression stands for, through the casts that a compiler puts in (boxing, lifting to nullable, numeric
    /// widening,
    /// enums to their numbers) and <see cref="Nullable{T}.Value"/>. The base class refuses the widening ones.
    /// </summary>
    protected override bool TryBindProperty(Expression expression, [NotNullWhen(true)] out PropertyModel? propertyModel)
    {
        propertyModel = null;
        var casts = new Stack<Type>();
        var node = expression;
        while (true)
        {
            if (node is UnaryExpression { NodeType: ExpressionType.Convert or ExpressionType.ConvertChecked } convert)
            {
                casts.Push(convert.Type);
                node = convert.Operand;
            }
            else if (
                node
                    is MemberExpression
                    {
                        Member: PropertyInfo { Name: nameof(Nullable<int>.Value), DeclaringType: { IsGenericType: true } declaring },
                        Expression: { } inner
                    }
                && declaring.GetGenericTypeDefinition() == typeof(Nullable<>)
            )
            {
                node = inner;
            }
            else
            {
                break;
            }
        }

        var name = node switch
        {
            MemberExpression { Expression: { } instance } member when Unwrap(instance) == RecordParameter => member.Member.Name,
            MethodCallExpression { Method: { Name: "get_Item", DeclaringType: var declaring }, Object: { } instance, Arguments: [var key] }
                when Unwrap(instance) == RecordParameter
                    && declaring == typeof(Dictionary<string, object?>)
                    && TryEvaluate(key, out var value) => value as string,
            _ => null,
        };
        if (name is null)
            return false;
        if (!Model.PropertyMap.TryGetValue(name, out propertyModel))
        {
            throw new InvalidOperationException(
                $"Property name '{name}' provided as part of the filter clause is not a valid property name."
            );
        }

        var type = Nullable.GetUnderlyingType(propertyModel.Type) ?? propertyModel.Type;
        var boxed = node is MethodCallExpression;
        foreach (var cast in casts)
        {
            var target = Nullable.GetUnderlyingType(cast) ?? cast;
            if (target == typeof(object))
                continue;
            if (target == type || target.IsAssignableFrom(type))
            {
                boxed = false;
                continue;
            }

            // A boxed value can be unboxed only as what it is; after that, and in typed records, it may be widened.
            var from = type.IsEnum ? Enum.GetUnderlyingType(type) : type;
            if (boxed || target != from && !(Widenings.TryGetValue(from, out var wider) && wider.Contains(target)))
            {
                throw new InvalidCastException(
                    $"Property '{propertyModel.ModelName}' is being cast to type '{cast.Name}', but its configured type is '{propertyModel.Type.Name}'."
                );
            }

            type = target;
        }

        return true;
    }

    /// <summary>The field that a property is stored in, for filters.</summary>
    private static string FieldOf(PropertyModel property, Expression node) =>
        property switch
        {
            KeyPropertyModel => DocumentFilter.KeyField,
            DataPropertyModel => property.StorageName,
            _ => throw Unsupported(node, $"'{property.ModelName}' is a vector property"),
        };

    /// <summary>The value of an expression that does not depend on the record (or on an element of it).</summary>
    private static bool TryEvaluate(Expression expression, out object? value)
    {
        switch (expression)
        {
            case ConstantExpression constant:
                value = constant.Value;
                return true;
            case UnaryExpression { NodeType: ExpressionType.Convert, Method: null, Operand: ConstantExpression constant } convert
                when constant.Value is null || convert.Type.IsInstanceOfType(constant.Value):
                value = constant.Value;
                return true;
            default:
                if (expression.Type.IsByRefLike || ParameterFinder.Find(expression))
                {
                    value = null;
                    return false;
                }

                // Rare enough (a method call, arithmetic) that the interpreter will do.
                value = Expression
                    .Lambda<Func<object?>>(Expression.Convert(expression, typeof(object)))
                    .Compile(preferInterpretation: true)();
                return true;
        }
    }

    /// <summary>The base class knows Enumerable, List and span forms; any other collection's own Contains is one as well.</summary>
    private static bool TryMatchCollectionContains(
        MethodCallExpression call,
        [NotNullWhen(true)] out Expression? source,
        [NotNullWhen(true)] out Expression? item
    )
    {
        if (TryMatchContains(call, out source, out item))
            return true;
        if (
            call is { Method: { Name: nameof(Enumerable.Contains), IsStatic: false }, Object: { } collection, Arguments: [var value] }
            && collection.Type != typeof(string)
            && typeof(System.Collections.IEnumerable).IsAssignableFrom(collection.Type)
        )
        {
            (source, item) = (collection, value);
            return true;
        }

        return false;
    }

    private static bool HasOwnComparer(object collection)
    {
        if (collection.GetType().GetProperty("Comparer")?.GetValue(collection) is not { } comparer || collection is not IEnumerable<string>)
            return false;
        return !ReferenceEquals(comparer, StringComparer.Ordinal) && !ReferenceEquals(comparer, EqualityComparer<string>.Default);
    }

    private static bool TryGetLambda(Expression expression, [NotNullWhen(true)] out LambdaExpression? lambda)
    {
        lambda = (expression is UnaryExpression { NodeType: ExpressionType.Quote } quote ? quote.Operand : expression) as LambdaExpression;
        return lambda is not null;
    }

    private static Expression Unwrap(Expression expression)
    {
        while (
            expression
                is UnaryExpression { NodeType: ExpressionType.Convert or ExpressionType.ConvertChecked or ExpressionType.TypeAs } unary
        )
        {
            expression = unary.Operand;
        }
        return expression;
    }

    private sealed class ParameterFinder : ExpressionVisitor
    {
        private readonly HashSet<ParameterExpression> _inner = [];
        private bool _found;

        /// <summary>Whether the expression uses a parameter that it does not declare itself.</summary>
        public static bool Find(Expression expression)
        {
            var finder = new ParameterFinder();
            finder.Visit(expression);
            return finder._found;
        }

        protected override Expression VisitLambda<T>(Expression<T> node)
        {
            foreach (var parameter in node.Parameters)
                _inner.Add(parameter);
            return base.VisitLambda(node);
        }

        protected override Expression VisitParameter(ParameterExpression node)
        {
            if (!_inner.Contains(node))
                _found = true;
            return node;
        }
    }

    private sealed class ParameterReplacer(ParameterExpression parameter, Expression replacement) : ExpressionVisitor
    {
        public static Expression Replace(Expression body, ParameterExpression parameter, object? value) =>
            new ParameterReplacer(parameter, Expression.Constant(value, parameter.Type)).Visit(body);

        protected override Expression VisitParameter(ParameterExpression node) => node == parameter ? replacement : node;
    }
}
