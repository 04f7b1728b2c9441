using System.Collections;
using System.Linq.Expressions;
using Microsoft.Extensions.VectorData.ProviderServices;
using Microsoft.Extensions.VectorData.ProviderServices.Filter;

namespace SearchEngine.SemanticKernel;

/// <summary>
/// Translates filter lambdas into the engine's filters, which have C#'s semantics for null. Single use, not thread-safe.
/// Understood: == != &lt; &lt;= &gt; &gt;= between a property and anything that does not depend on the record, &amp;&amp; || !, bool
/// properties,
/// HasValue and Value, ?? on bools, Contains over collections and list properties, Any and All, string Contains, StartsWith, Equals and
/// IsNullOrEmpty (all ordinal), dictionary indexers with casts. Anything else is a <see cref="NotSupportedException"/> that quotes it.
/// </summary>
internal sealed partial class SearchEngineFilterTranslator(CollectionModel model) : FilterTranslatorBase
{
    /// <summary>The engine's filter; null where the lambda holds for every record.</summary>
    /// <exception cref="NotSupportedException">The lambda has a part that cannot be translated.</exception>
    /// <exception cref="InvalidOperationException">It names a property that the model does not have, or takes the value of
    /// null.</exception>
    /// <exception cref="InvalidCastException">It casts a property to another type than the model's.</exception>
    public DocumentFilter? Translate(LambdaExpression lambda)
    {
        var filter = Visit(PreprocessFilter(lambda, model, new FilterPreprocessingOptions { SupportsParameterization = false }));
        return filter is DocumentFilter.Constant { Value: true } ? null : filter;
    }

    private static NotSupportedException Unsupported(Expression node, string? why = null) =>
        new(
            $"The filter expression '{node}' is not supported{(why is null ? "" : $": {why}")}. See the connector's README for the forms that are."
        );

    private DocumentFilter Visit(Expression node)
    {
        switch (node)
        {
            case BinaryExpression { NodeType: ExpressionType.AndAlso or ExpressionType.And } both when IsBoolean(both.Type):
                return And(Visit(both.Left), Visit(both.Right));
            case BinaryExpression { NodeType: ExpressionType.OrElse or ExpressionType.Or } either when IsBoolean(either.Type):
                return Or(Visit(either.Left), Visit(either.Right));
            case BinaryExpression { NodeType: ExpressionType.Coalesce } coalesce when IsBoolean(coalesce.Type):
                return VisitCoalesce(coalesce);
            case BinaryExpression binary when TryMapOperator(binary.NodeType, out var comparison) && ParameterFinder.Find(binary):
                return VisitComparison(binary, comparison);
            case UnaryExpression { NodeType: ExpressionType.Not } negation when IsBoolean(negation.Type):
                return Negate(Visit(negation.Operand));
        }

        if (TryBindProperty(node, out var property))
            return VisitBooleanProperty(node, property);
        switch (node)
        {
            case UnaryExpression { NodeType: ExpressionType.Convert } convert
                when IsBoolean(convert.Type) && IsBoolean(convert.Operand.Type):
                return Visit(convert.Operand);
            case MemberExpression { Member.Name: nameof(Nullable<int>.HasValue), Expression: { } inner }
                when TryBindProperty(inner, out property):
                return DocumentFilter.NotEqual(FieldOf(property, node), null);
            case MethodCallExpression call when !TryEvaluate(call, out _):
                return VisitCall(call);
        }

        return TryEvaluate(node, out var value) && value is bool constant ? new DocumentFilter.Constant(constant) : throw Unsupported(node);
    }

    private static bool IsBoolean(Type type) => type == typeof(bool) || type == typeof(bool?);

    private DocumentFilter VisitBooleanProperty(Expression node, PropertyModel property) =>
        (Nullable.GetUnderlyingType(property.Type) ?? property.Type) == typeof(bool)
            ? DocumentFilter.Equal(FieldOf(property, node), true)
            : throw Unsupported(node, $"property '{property.ModelName}' is not a bool");

    private DocumentFilter VisitCoalesce(BinaryExpression node) =>
        TryBindProperty(node.Left, out var property) && TryEvaluate(node.Right, out var fallback) && fallback is bool absent
            ? absent
                ? DocumentFilter.NotEqual(FieldOf(property, node), false)
                : DocumentFilter.Equal(FieldOf(property, node), true)
            : throw Unsupported(node);

    private DocumentFilter VisitComparison(BinaryExpression node, ComparisonOperator comparison)
    {
        var (left, right) = (node.Left, node.Right);
        if (TryEvaluate(left, out var value))
        {
            (left, right) = (right, left);
            comparison = Flip(comparison);
        }
        else if (!TryEvaluate(right, out value))
        {
            throw Unsupported(node, "one side has to be free of the record");
        }

        if (TryBindProperty(left, out var property))
            return Compare(node, property, comparison, value);

        // A predicate compared with true or false: x.Tags.Contains("a") == false.
        if (value is bool wanted && IsBoolean(left.Type) && comparison is ComparisonOperator.Equal or ComparisonOperator.NotEqual)
            return wanted == (comparison == ComparisonOperator.Equal) ? Visit(left) : Negate(Visit(left));
        throw Unsupported(node);
    }

    private DocumentFilter VisitCall(MethodCallExpression call)
    {
        if (TryMatchCollectionContains(call, out var source, out var item))
            return VisitContains(call, source, item);
        if (
            call.Method.DeclaringType == typeof(Enumerable)
            && call.Arguments is [var sequence, _]
            && call.Method.Name is nameof(Enumerable.Any) or nameof(Enumerable.All)
            && TryGetLambda(call.Arguments[1], out var predicate)
        )
        {
            return VisitQuantifier(call, sequence, predicate, all: call.Method.Name == nameof(Enumerable.All));
        }
        if (call.Method.DeclaringType == typeof(string))
            return VisitStringCall(call);
        if (call.Method.Name == nameof(Equals))
            return VisitEquals(call);
        throw Unsupported(call);
    }

    private DocumentFilter VisitContains(Expression node, Expression source, Expression item)
    {
        if (TryBindProperty(source, out var list))
        {
            if (DataTypes.GetElementType(list.Type) is null)
                throw Unsupported(node, $"property '{list.ModelName}' is not a list");
            return TryEvaluate(item, out var value) ? ContainsAny(node, list, new[] { value }) : throw Unsupported(node);
        }

        if (!TryEvaluate(source, out var collection) || collection is not IEnumerable values || collection is string)
            throw Unsupported(node);
        if (HasOwnComparer(collection))
            throw Unsupported(node, "the collection compares with a comparer of its own; filters compare ordinally");
        return TryBindProperty(item, out var property) ? In(node, property, values) : throw Unsupported(node);
    }

    private DocumentFilter VisitQuantifier(Expression node, Expression source, LambdaExpression predicate, bool all)
    {
        if (TryBindProperty(source, out var list))
        {
            if (all || DataTypes.GetElementType(list.Type) is null)
                throw Unsupported(node, "over a list property there is Any with == or Contains");
            var values = new List<object?>();
            CollectElementValues(predicate.Body, predicate.Parameters[0], values);
            return ContainsAny(node, list, values);
        }

        // Over values: one condition for each, tags.Any(t => r.Tags.Contains(t)).
        if (!TryEvaluate(source, out var collection) || collection is not IEnumerable items)
            throw Unsupported(node);
        DocumentFilter? result = null;
        foreach (var value in items)
        {
            var condition = Visit(ParameterReplacer.Replace(predicate.Body, predicate.Parameters[0], value));
            result =
                result is null ? condition
                : all ? And(result, condition)
                : Or(result, condition);
        }

        return result ?? new DocumentFilter.Constant(all);
    }

    /// <summary>
    /// The values that an element may have for the predicate to hold: s == a, values.Contains(s), and those joined by ||.
    /// </summary>
    private void CollectElementValues(Expression body, ParameterExpression element, List<object?> values)
    {
        switch (body)
        {
            case BinaryExpression { NodeType: ExpressionType.OrElse or ExpressionType.Or } either:
                CollectElementValues(either.Left, element, values);
                CollectElementValues(either.Right, element, values);
                return;
            case BinaryExpression { NodeType: ExpressionType.Equal } equal
                when Unwrap(equal.Left) == element && TryEvaluate(equal.Right, out var value):
                values.Add(value);
                return;
            case BinaryExpression { NodeType: ExpressionType.Equal } equal
                when Unwrap(equal.Right) == element && TryEvaluate(equal.Left, out var value):
                values.Add(value);
                return;
            case MethodCallExpression call
                when TryMatchCollectionContains(call, out var source, out var item)
                    && Unwrap(item) == element
                    && TryEvaluate(source, out var collection)
                    && collection is IEnumerable items and not string:
                if (HasOwnComparer(collection))
                    throw Unsupported(body, "the collection compares with a comparer of its own; filters compare ordinally");
                values.AddRange(items.Cast<object?>());
                return;
            default:
                throw Unsupported(body, "over a list property there is Any with == or Contains");
        }
    }

    private DocumentFilter VisitStringCall(MethodCallExpression call)
    {
        if (
            call is { Method: { IsStatic: true, Name: nameof(string.IsNullOrEmpty) }, Arguments: [var tested] }
            && TryBindProperty(tested, out var property)
        )
        {
            var field = FieldOf(property, call);
            return Or(DocumentFilter.Equal(field, null), DocumentFilter.Equal(field, ""));
        }

        if (call.Method.Name == nameof(string.Equals))
            return VisitEquals(call);
        if (
            call.Method.Name is not (nameof(string.Contains) or nameof(string.StartsWith))
            || call.Object is null
            || !TryBindProperty(call.Object, out property)
        )
        {
            throw Unsupported(call);
        }
        CheckOrdinal(call, call.Arguments.Skip(1));
        return TryEvaluate(call.Arguments[0], out var text) && text is string or char
            ? new DocumentFilter.TextMatch(FieldOf(property, call), text.ToString()!, Prefix: call.Method.Name == nameof(string.StartsWith))
            : throw Unsupported(call);
    }

    private DocumentFilter VisitEquals(MethodCallExpression call)
    {
        var operands = call.Object is null ? call.Arguments.ToList() : [call.Object, .. call.Arguments];
        if (operands.Count < 2)
            throw Unsupported(call);
        CheckOrdinal(call, operands.Skip(2));
        var (left, right) = (operands[0], operands[1]);
        if (TryEvaluate(left, out var value))
            left = right;
        else if (!TryEvaluate(right, out value))
            throw Unsupported(call);
        return TryBindProperty(left, out var property) ? Compare(call, property, ComparisonOperator.Equal, value) : throw Unsupported(call);
    }

    private static void CheckOrdinal(Expression node, IEnumerable<Expression> options)
    {
        foreach (var option in options)
        {
            if (!TryEvaluate(option, out var value) || value is not StringComparison.Ordinal)
                throw Unsupported(node, "filters compare text ordinally");
        }
    }

    private static DocumentFilter And(DocumentFilter left, DocumentFilter right) =>
        (left, right) switch
        {
            (DocumentFilter.Constant { Value: true }, _) => right,
            (_, DocumentFilter.Constant { Value: true }) => left,
            (DocumentFilter.And all, _) => new DocumentFilter.And([.. all.Conditions, right]),
            _ => new DocumentFilter.And([left, right]),
        };

    private static DocumentFilter Or(DocumentFilter left, DocumentFilter right) =>
        (left, right) switch
        {
            (DocumentFilter.Constant { Value: false }, _) => right,
            (_, DocumentFilter.Constant { Value: false }) => left,
            (DocumentFilter.Or any, _) => new DocumentFilter.Or([.. any.Conditions, right]),
            _ => new DocumentFilter.Or([left, right]),
        };

    private static DocumentFilter Negate(DocumentFilter filter) =>
        filter switch
        {
            DocumentFilter.Constant constant => new DocumentFilter.Constant(!constant.Value),
            DocumentFilter.Not negation => negation.Condition,
            _ => new DocumentFilter.Not(filter),
        };

    private static bool TryMapOperator(ExpressionType type, out ComparisonOperator comparison)
    {
        ComparisonOperator? found = type switch
        {
            ExpressionType.Equal => ComparisonOperator.Equal,
            ExpressionType.NotEqual => ComparisonOperator.NotEqual,
            ExpressionType.LessThan => ComparisonOperator.Less,
            ExpressionType.LessThanOrEqual => ComparisonOperator.LessOrEqual,
            ExpressionType.GreaterThan => ComparisonOperator.Greater,
            ExpressionType.GreaterThanOrEqual => ComparisonOperator.GreaterOrEqual,
            _ => null,
        };
        comparison = found.GetValueOrDefault();
        return found is not null;
    }

    private static ComparisonOperator Flip(ComparisonOperator comparison) =>
        comparison switch
        {
            ComparisonOperator.Less => ComparisonOperator.Greater,
            ComparisonOperator.LessOrEqual => ComparisonOperator.GreaterOrEqual,
            ComparisonOperator.Greater => ComparisonOperator.Less,
            ComparisonOperator.GreaterOrEqual => ComparisonOperator.LessOrEqual,
            _ => comparison,
        };
}
