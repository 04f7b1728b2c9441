using System.Linq.Expressions;

namespace SearchEngine.SemanticKernel;

/// <summary>The values of those parts of a lambda that do not depend on the record.</summary>
internal static class ConstantValue
{
    /// <summary>Whether the expression uses a parameter that it does not declare itself: the record, or an element.</summary>
    public static bool DependsOnRecord(Expression expression) => ParameterFinder.Find(expression);

    /// <summary>The value of an expression that does not depend on the record (or on an element of it).</summary>
    public static bool TryEvaluate(Expression expression, out object? value)
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
                if (expression.Type.IsByRefLike || expression is LambdaExpression || ParameterFinder.Find(expression))
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

    /// <summary>A predicate's body with a value in the place of its parameter.</summary>
    public static Expression Replace(Expression body, ParameterExpression parameter, object? value) =>
        new ParameterReplacer(parameter, Expression.Constant(value, parameter.Type)).Visit(body);

    private sealed class ParameterFinder : ExpressionVisitor
    {
        private readonly HashSet<ParameterExpression> _inner = [];
        private bool _found;

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
        protected override Expression VisitParameter(ParameterExpression node) => node == parameter ? replacement : node;
    }
}
