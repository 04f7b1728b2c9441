using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;

namespace SearchEngine.SemanticKernel;

/// <content>Method calls: collections, lists and their elements, texts, Equals.</content>
internal sealed partial class SearchEngineFilterTranslator
{
    private DocumentFilter VisitCall(MethodCallExpression call)
    {
        if (TryMatchCollectionContains(call, out var source, out var item))
            return VisitContains(call, source, item);
        if (call.Method.DeclaringType == typeof(Enumerable) && call.Method.Name is nameof(Enumerable.Any) or nameof(Enumerable.All))
        {
            if (call.Arguments is [var list])
            {
                return _operands.TryBind(list, out var operand) && operand.IsList
                    ? NotEmpty(operand)
                    : throw FilterErrors.Unsupported(call);
            }
            if (call.Arguments is [var sequence, var second] && TryGetLambda(second, out var predicate) && predicate.Parameters.Count == 1)
                return VisitQuantifier(call, sequence, predicate, all: call.Method.Name == nameof(Enumerable.All));
        }

        if (call.Method.DeclaringType == typeof(string) && call.Method.Name != nameof(string.Equals))
            return VisitText(call);
        return call.Method.Name == nameof(Equals) ? VisitEquals(call) : throw FilterErrors.Unsupported(call);
    }

    private static DocumentFilter NotEmpty(FilterOperand list) => new DocumentFilter.Length(list.Field, ComparisonOperator.Greater, 0);

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
            && typeof(IEnumerable).IsAssignableFrom(collection.Type)
        )
        {
            (source, item) = (collection, value);
            return true;
        }

        return false;
    }

    private static bool TryGetLambda(Expression expression, [NotNullWhen(true)] out LambdaExpression? lambda)
    {
        lambda = (expression is UnaryExpression { NodeType: ExpressionType.Quote } quote ? quote.Operand : expression) as LambdaExpression;
        return lambda is not null;
    }

    private DocumentFilter VisitContains(Expression node, Expression source, Expression item)
    {
        if (_operands.TryBind(source, out var list))
        {
            if (!list.IsList)
                throw FilterErrors.Unsupported(node, $"{list.Name} is not a list");
            return ConstantValue.TryEvaluate(item, out var value)
                ? OperandComparer.ContainsAny(node, list, new[] { value })
                : throw FilterErrors.Unsupported(node, "what is looked for has to be free of the record");
        }

        if (!ConstantValue.TryEvaluate(source, out var collection))
            throw FilterErrors.Unsupported(node);
        if (!CollectionValues.TryRead(collection, out var values, out var why))
            throw FilterErrors.Unsupported(node, why);
        return _operands.TryBind(item, out var operand) ? OperandComparer.In(node, operand, values) : throw FilterErrors.Unsupported(node);
    }

    private DocumentFilter VisitQuantifier(Expression node, Expression source, LambdaExpression predicate, bool all)
    {
        if (_operands.TryBind(source, out var list))
        {
            if (!list.IsList)
                throw FilterErrors.Unsupported(node, $"{list.Name} is not a list");
            var outer = _operands.Element;
            _operands.Element = (predicate.Parameters[0], FilterOperand.OfElement(list));
            var condition = Visit(predicate.Body);
            _operands.Element = outer;
            return all
                ? FilterLogic.And(
                    DocumentFilter.NotEqual(list.Field, null),
                    FilterLogic.Negate(AnyElement(list, FilterLogic.Negate(condition)))
                )
                : AnyElement(list, condition);
        }

        // Over values: one condition for each, tags.Any(t => r.Tags.Contains(t)).
        if (!ConstantValue.TryEvaluate(source, out var collection) || collection is not IEnumerable items)
            throw FilterErrors.Unsupported(node);
        var result = all ? FilterLogic.Negate(FilterLogic.False) : FilterLogic.False;
        foreach (var value in items)
        {
            var condition = Visit(ConstantValue.Replace(predicate.Body, predicate.Parameters[0], value));
            result = all ? FilterLogic.And(result, condition) : FilterLogic.Or(result, condition);
        }

        return result;
    }

    private static DocumentFilter AnyElement(FilterOperand list, DocumentFilter condition)
    {
        if (condition is DocumentFilter.Constant { Value: var always })
            return always ? NotEmpty(list) : condition;
        var values = new List<object?>();
        if (!IsOneOf(condition, values))
            return new DocumentFilter.Any(list.Field, condition);
        return values.Count == 0 ? new DocumentFilter.Constant(false) : new DocumentFilter.ContainsAny(list.Field, values);
    }

    /// <summary>Whether the condition says that the element is one of some values, which an index can answer.</summary>
    private static bool IsOneOf(DocumentFilter condition, List<object?> values)
    {
        switch (condition)
        {
            case DocumentFilter.Comparison { Field: DocumentFilter.ElementField, Operator: ComparisonOperator.Equal } equal:
                // ==, to which NaN is equal to nothing.
                if (equal.Value is not (double.NaN or float.NaN))
                    values.Add(equal.Value);
                return true;
            case DocumentFilter.In { Field: DocumentFilter.ElementField } isIn:
                values.AddRange(isIn.Values);
                return true;
            case DocumentFilter.Or or:
                return or.Conditions.All(part => IsOneOf(part, values));
            default:
                return false;
        }
    }

    private DocumentFilter VisitText(MethodCallExpression call)
    {
        if (call is { Method: { IsStatic: true, Name: nameof(string.IsNullOrEmpty) }, Arguments: [var tested] })
        {
            return _operands.TryBind(tested, out var text) && text.Type == typeof(string)
                ? FilterLogic.Or(
                    OperandComparer.Compare(call, text, ComparisonOperator.Equal, null),
                    OperandComparer.Compare(call, text, ComparisonOperator.Equal, "")
                )
                : throw FilterErrors.Unsupported(call);
        }

        var name = call.Method.Name;
        if (
            name is not (nameof(string.Contains) or nameof(string.StartsWith) or nameof(string.EndsWith))
            || call.Object is null
            || !_operands.TryBind(call.Object, out var operand)
            || operand.Type != typeof(string)
            || !ConstantValue.TryEvaluate(call.Arguments[0], out var value)
            || value is not (string or char)
        )
        {
            throw FilterErrors.Unsupported(call);
        }

        var match = new DocumentFilter.TextMatch(operand.Field, value.ToString()!, Prefix: name == nameof(string.StartsWith))
        {
            Suffix = name == nameof(string.EndsWith),
            IgnoreCase = IgnoresCase(call, call.Arguments.Skip(1)),
        };
        return WithDefault(operand, match);
    }

    private static DocumentFilter WithDefault(FilterOperand operand, DocumentFilter.TextMatch match)
    {
        if (operand.Default is not string text)
            return match;
        var comparison = match.IgnoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        var holds = (match.Prefix, match.Suffix) switch
        {
            (true, true) => text.Equals(match.Text, comparison),
            (true, false) => text.StartsWith(match.Text, comparison),
            (false, true) => text.EndsWith(match.Text, comparison),
            _ => text.Contains(match.Text, comparison),
        };
        return holds ? FilterLogic.Or(match, DocumentFilter.Equal(match.Field, null)) : match;
    }

    /// <summary>Equals of .NET's own types, a == b with NaN equal to NaN, and only between values of one type.</summary>
    private DocumentFilter VisitEquals(MethodCallExpression call)
    {
        var isStatic = call.Object is null;
        var operands = isStatic ? call.Arguments.ToList() : [call.Object!, .. call.Arguments];
        var declaring = call.Method.DeclaringType;
        if (operands.Count < 2 || isStatic && declaring != typeof(object) && declaring != typeof(string) || !IsBuiltIn(declaring))
            throw FilterErrors.Unsupported(call);
        var (left, right) = (operands[0], operands[1]);
        if (ConstantValue.TryEvaluate(left, out var value))
            left = right;
        else if (!ConstantValue.TryEvaluate(right, out value))
            throw FilterErrors.Unsupported(call, "one side has to be free of the record");
        if (!_operands.TryBind(left, out var operand))
            throw FilterErrors.Unsupported(call);
        if (operands.Count > 2 && IgnoresCase(call, operands.Skip(2)) && value is string text)
        {
            return WithDefault(
                operand,
                new DocumentFilter.TextMatch(operand.Field, text, Prefix: true) { Suffix = true, IgnoreCase = true }
            );
        }
        if (operand.IsList)
            return OperandComparer.Compare(call, operand, ComparisonOperator.Equal, value);

        // Equals(object) is false for a value of another type.
        return OperandComparer.In(call, operand with { IsBoxed = true }, new[] { value });
    }

    private static bool IgnoresCase(Expression node, IEnumerable<Expression> options)
    {
        var ignoresCase = false;
        foreach (var option in options)
        {
            if (
                !ConstantValue.TryEvaluate(option, out var value)
                || value is not (StringComparison.Ordinal or StringComparison.OrdinalIgnoreCase)
            )
            {
                throw FilterErrors.Unsupported(node, "filters compare text ordinally, with case or without");
            }

            ignoresCase = value is StringComparison.OrdinalIgnoreCase;
        }

        return ignoresCase;
    }
}
