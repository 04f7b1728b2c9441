using System.Linq.Expressions;

namespace SearchEngine.SemanticKernel;

/// <summary>What to write in place of forms that are often tried and not understood. Single use, not thread-safe.</summary>
internal sealed class FilterHints : ExpressionVisitor
{
    private string? _hint;

    /// <summary>The hint for the first such form in an expression; null where there is none.</summary>
    public static string? Find(Expression node)
    {
        var hints = new FilterHints();
        hints.Visit(node);
        return hints._hint;
    }

    /// <inheritdoc />
    protected override Expression VisitMethodCall(MethodCallExpression node)
    {
        var ofText = node.Method.DeclaringType == typeof(string);
        _hint ??= node.Method.Name switch
        {
            nameof(string.ToLower)
            or nameof(string.ToLowerInvariant)
            or nameof(string.ToUpper)
            or nameof(string.ToUpperInvariant) when ofText =>
                "compare without case by string.Equals(…, StringComparison.OrdinalIgnoreCase)",
            nameof(ToString) when node.Arguments.Count == 0 => "compare the value itself, not its text",
            _ => null,
        };
        return base.VisitMethodCall(node);
    }

    /// <inheritdoc />
    protected override Expression VisitBinary(BinaryExpression node)
    {
        _hint ??= node.NodeType switch
        {
            ExpressionType.Add
            or ExpressionType.Subtract
            or ExpressionType.Multiply
            or ExpressionType.Divide
            or ExpressionType.Modulo when ConstantValue.DependsOnRecord(node) => "move the arithmetic to a side that is free of the record",
            ExpressionType.And or ExpressionType.Or when node.Type != typeof(bool) && node.Type != typeof(bool?) =>
                "name the values that have the flag: values.Contains(r.Property)",
            _ => null,
        };
        return base.VisitBinary(node);
    }
}
