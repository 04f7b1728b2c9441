using System.Linq.Expressions;
using Microsoft.Extensions.VectorData.ProviderServices;
using Microsoft.Extensions.VectorData.ProviderServices.Filter;

namespace SearchEngine.SemanticKernel;

/// <summary>
/// Translates filter lambdas into the engine's filters, which hold for the records that the compiled lambda is true for; what has no exact
/// translation is a <see cref="NotSupportedException"/> that quotes it. Where the lambda would throw (a member of null), a comparison is
/// false. Departures, since a stored record is no object: lists and byte arrays are equal where their elements are, and texts compare
/// ordinally where a method would take the culture's rules without being told. Single use, not thread-safe.
/// </summary>
internal sealed partial class SearchEngineFilterTranslator(CollectionModel model) : FilterTranslatorBase
{
    private OperandBinder _operands = null!;

    /// <summary>The engine's filter; null where the lambda holds for every record.</summary>
    /// <exception cref="NotSupportedException">The lambda has a part that cannot be translated.</exception>
    /// <exception cref="InvalidOperationException">It names a property that the model does not have, or takes the value of
    /// null.</exception>
    /// <exception cref="InvalidCastException">It casts a property to another type than the model's.</exception>
    public DocumentFilter? Translate(LambdaExpression lambda)
    {
        var body = PreprocessFilter(lambda, model, new FilterPreprocessingOptions { SupportsParameterization = false });
        _operands = new OperandBinder(model, lambda.Parameters[0]);
        var filter = Visit(body);
        return filter is DocumentFilter.Constant { Value: true } ? null : filter;
    }

    private DocumentFilter Visit(Expression node)
    {
        if (!ConstantValue.DependsOnRecord(node))
        {
            return ConstantValue.TryEvaluate(node, out var value) && value is bool constant
                ? new DocumentFilter.Constant(constant)
                : throw FilterErrors.Unsupported(node);
        }

        switch (node)
        {
            case BinaryExpression { NodeType: not ExpressionType.Coalesce } binary:
                return VisitBinary(binary);
            case UnaryExpression { NodeType: ExpressionType.Not } negation:
                CheckTwoValued(negation);
                return FilterLogic.Negate(Visit(negation.Operand));
            case ConditionalExpression choice when choice.Type == typeof(bool):
                var test = Visit(choice.Test);
                return FilterLogic.Or(
                    FilterLogic.And(test, Visit(choice.IfTrue)),
                    FilterLogic.And(FilterLogic.Negate(test), Visit(choice.IfFalse))
                );
        }

        if (_operands.TryBind(node, out var operand))
        {
            return operand.Type == typeof(bool)
                ? OperandComparer.Compare(node, operand, ComparisonOperator.Equal, true)
                : throw FilterErrors.Unsupported(node, $"{operand.Name} is not a bool");
        }

        return node switch
        {
            // A condition as a bool? that is never null.
            UnaryExpression { NodeType: ExpressionType.Convert } cast when IsBoolean(cast.Type) && cast.Operand.Type == typeof(bool) =>
                Visit(cast.Operand),
            MemberExpression { Member.Name: nameof(Nullable<int>.HasValue), Expression: { } inner }
                when Nullable.GetUnderlyingType(inner.Type) is not null && _operands.TryBind(inner, out operand) => HasValue(operand),
            MethodCallExpression call => VisitCall(call),
            _ => throw FilterErrors.Unsupported(node),
        };
    }

    private static bool IsBoolean(Type type) => type == typeof(bool) || type == typeof(bool?);

    private static DocumentFilter HasValue(FilterOperand operand) =>
        operand.IsLength || operand.Default is not null ? new DocumentFilter.Constant(true) : DocumentFilter.NotEqual(operand.Field, null);

    /// <summary>bool? has a third value that and, or and not hand on; filters have two.</summary>
    private static void CheckTwoValued(Expression node)
    {
        if (node.Type != typeof(bool))
            throw FilterErrors.Unsupported(node, "it may be null; compare the parts with true or false");
    }

    private DocumentFilter VisitBinary(BinaryExpression node)
    {
        switch (node.NodeType)
        {
            case ExpressionType.AndAlso or ExpressionType.And:
                CheckTwoValued(node);
                return FilterLogic.And(Visit(node.Left), Visit(node.Right));
            case ExpressionType.OrElse or ExpressionType.Or:
                CheckTwoValued(node);
                return FilterLogic.Or(Visit(node.Left), Visit(node.Right));
            case ExpressionType.ExclusiveOr:
                CheckTwoValued(node);
                return Differ(node);
        }

        if (FindOperator(node.NodeType) is not { } comparison || node.Method is { } method && !IsBuiltIn(method.DeclaringType))
            throw FilterErrors.Unsupported(node);
        var (left, right) = (node.Left, node.Right);
        if (ConstantValue.TryEvaluate(left, out var value))
        {
            (left, right) = (right, left);
            comparison = Flip(comparison);
        }
        else if (!ConstantValue.TryEvaluate(right, out value))
        {
            return left.Type == typeof(bool) && comparison is ComparisonOperator.Equal or ComparisonOperator.NotEqual
                ? comparison == ComparisonOperator.NotEqual
                    ? Differ(node)
                    : FilterLogic.Negate(Differ(node))
                : throw FilterErrors.Unsupported(node, "one side has to be free of the record");
        }

        if (_operands.TryBind(left, out var operand))
        {
            // The order of Guids has operators; of strings there are only methods.
            return OperandComparer.Compare(node, operand, comparison, value);
        }

        // A condition compared with true or false: x.Tags.Contains("a") == false.
        if (!IsBoolean(left.Type) || comparison is not (ComparisonOperator.Equal or ComparisonOperator.NotEqual))
            throw FilterErrors.Unsupported(node);
        var condition = Visit(left);
        return value is bool wanted
            ? wanted == (comparison == ComparisonOperator.Equal)
                ? condition
                : FilterLogic.Negate(condition)
            : new DocumentFilter.Constant(comparison == ComparisonOperator.NotEqual);
    }

    private DocumentFilter Differ(BinaryExpression node)
    {
        var (left, right) = (Visit(node.Left), Visit(node.Right));
        return FilterLogic.Or(FilterLogic.And(left, FilterLogic.Negate(right)), FilterLogic.And(FilterLogic.Negate(left), right));
    }

    private static bool IsBuiltIn(Type? type) => type == typeof(string) || type is { Namespace: "System" };

    private static ComparisonOperator? FindOperator(ExpressionType type) =>
        type switch
        {
            ExpressionType.Equal => ComparisonOperator.Equal,
            ExpressionType.NotEqual => ComparisonOperator.NotEqual,
            ExpressionType.LessThan => ComparisonOperator.Less,
            ExpressionType.LessThanOrEqual => ComparisonOperator.LessOrEqual,
            ExpressionType.GreaterThan => ComparisonOperator.Greater,
            ExpressionType.GreaterThanOrEqual => ComparisonOperator.GreaterOrEqual,
            _ => null,
        };

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
