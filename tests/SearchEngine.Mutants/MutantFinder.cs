using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SearchEngine.Mutants;

/// <summary>Lists every mutant of a file.</summary>
internal sealed class MutantFinder(string file, SyntaxTree tree) : CSharpSyntaxWalker
{
    private static readonly Dictionary<SyntaxKind, string[]> Swaps = new()
    {
        [SyntaxKind.LessThanToken] = ["<=", ">="],
        [SyntaxKind.LessThanEqualsToken] = ["<", ">"],
        [SyntaxKind.GreaterThanToken] = [">=", "<="],
        [SyntaxKind.GreaterThanEqualsToken] = [">", "<"],
        [SyntaxKind.EqualsEqualsToken] = ["!="],
        [SyntaxKind.ExclamationEqualsToken] = ["=="],
        [SyntaxKind.PlusToken] = ["-"],
        [SyntaxKind.MinusToken] = ["+"],
        [SyntaxKind.AsteriskToken] = ["/"],
        [SyntaxKind.SlashToken] = ["*"],
        [SyntaxKind.PercentToken] = ["*"],
        [SyntaxKind.AmpersandToken] = ["|"],
        [SyntaxKind.BarToken] = ["&"],
        [SyntaxKind.CaretToken] = ["&"],
        [SyntaxKind.LessThanLessThanToken] = [">>"],
        [SyntaxKind.GreaterThanGreaterThanToken] = ["<<"],
        [SyntaxKind.GreaterThanGreaterThanGreaterThanToken] = ["<<"],
        [SyntaxKind.AmpersandAmpersandToken] = ["||"],
        [SyntaxKind.BarBarToken] = ["&&"],
        [SyntaxKind.PlusEqualsToken] = ["-="],
        [SyntaxKind.MinusEqualsToken] = ["+="],
        [SyntaxKind.AsteriskEqualsToken] = ["/="],
        [SyntaxKind.SlashEqualsToken] = ["*="],
        [SyntaxKind.AmpersandEqualsToken] = ["|="],
        [SyntaxKind.BarEqualsToken] = ["&="],
        [SyntaxKind.CaretEqualsToken] = ["|="],
        [SyntaxKind.PlusPlusToken] = ["--"],
        [SyntaxKind.MinusMinusToken] = ["++"],
    };

    private readonly List<Mutant> _found = [];
    private readonly Dictionary<(string, string), int> _places = [];

    public List<Mutant> Find()
    {
        Visit(tree.GetRoot());
        return _found;
    }

    public override void Visit(SyntaxNode? node)
    {
        if (node is null || Exclusions.Whole(node))
            return;
        switch (node)
        {
            case BinaryExpressionSyntax binary:
                OfBinary(binary);
                break;
            case PrefixUnaryExpressionSyntax unary when unary.IsKind(SyntaxKind.LogicalNotExpression):
                Add(unary, "negation", (on, text) => $"({on} != ({text}))", $"{unary} → {unary.Operand}");
                break;
            case PrefixUnaryExpressionSyntax or PostfixUnaryExpressionSyntax or AssignmentExpressionSyntax:
                OfStep((ExpressionSyntax)node);
                break;
            case LiteralExpressionSyntax literal:
                OfLiteral(literal);
                break;
            case InvocationExpressionSyntax
            {
                Expression: MemberAccessExpressionSyntax { Name.Identifier.Text: "Min" or "Max" } access
            } call:
                OfExtreme(call, access);
                break;
            case ReturnStatementSyntax { Expression: { } value } statement:
                OfReturn(statement, value);
                break;
            case ArrowExpressionClauseSyntax { Expression: var value }:
                if (!IsPlain(value))
                    Add(value, "return default", (on, text) => $"({on} ? default! : ({text}))", $"{value} → default");
                break;
            case ExpressionStatementSyntax or ThrowStatementSyntax or BreakStatementSyntax or ContinueStatementSyntax:
            case ReturnStatementSyntax { Expression: null }:
                Add(node, "statement removal", (on, text) => $"{{ if (!{on}) {{ {text} }} }}", $"{node} → nothing");
                break;
        }
        OfCondition(node);
        if (node is not ThrowStatementSyntax)
            base.Visit(node);
    }

    private void OfBinary(BinaryExpressionSyntax node)
    {
        if (!Swaps.TryGetValue(node.OperatorToken.Kind(), out var others) || Exclusions.IsOfProcessor(node))
            return;
        foreach (var other in others)
        {
            // The operands of what is removed are kept as they stand: a mutant of an operand lives in the arm that is not mutated.
            var mutated = $"{node.Left} {other} {node.Right}";
            var kind =
                node.OperatorToken.Kind() is SyntaxKind.AmpersandAmpersandToken or SyntaxKind.BarBarToken ? "logical swap"
                : others.Length == 2 ? (other == others[0] ? "boundary" : "relational negation")
                : other is "==" or "!=" ? "equality negation"
                : "arithmetic swap";
            Add(node, kind, (on, text) => $"({on} ? ({mutated}) : ({text}))", $"{node} → {mutated}");
        }
    }

    /// <summary>Removes one side of a conjunction or disjunction: it is what changes nothing there.</summary>
    private void OfOperand(ExpressionSyntax node)
    {
        if (node.Parent is not BinaryExpressionSyntax parent || Exclusions.IsOfProcessor(node))
            return;
        if (parent.IsKind(SyntaxKind.LogicalAndExpression))
            Add(node, "condition removal", (on, text) => $"({on} || ({text}))", $"{parent} → without {node}");
        else if (parent.IsKind(SyntaxKind.LogicalOrExpression))
            Add(node, "condition removal", (on, text) => $"(!{on} && ({text}))", $"{parent} → without {node}");
    }

    private void OfStep(ExpressionSyntax node)
    {
        var token = node switch
        {
            PrefixUnaryExpressionSyntax prefix => prefix.OperatorToken,
            PostfixUnaryExpressionSyntax postfix => postfix.OperatorToken,
            _ => ((AssignmentExpressionSyntax)node).OperatorToken,
        };
        if (!Swaps.TryGetValue(token.Kind(), out var others) || node is PrefixUnaryExpressionSyntax && token.Text.Length == 1)
            return;
        var mutated = node switch
        {
            PrefixUnaryExpressionSyntax prefix => $"{others[0]}{prefix.Operand}",
            PostfixUnaryExpressionSyntax postfix => $"{postfix.Operand}{others[0]}",
            AssignmentExpressionSyntax assignment => $"{assignment.Left} {others[0]} {assignment.Right}",
            _ => throw new InvalidOperationException(),
        };
        if (node.Parent is ExpressionStatementSyntax statement)
        {
            Add(
                statement,
                "arithmetic swap",
                (on, text) => $"{{ if ({on}) {{ {mutated}; }} else {{ {text} }} }}",
                $"{statement} → {mutated};"
            );
        }
        else if (node.Parent is not ForStatementSyntax)
        {
            Add(node, "arithmetic swap", (on, text) => $"({on} ? ({mutated}) : ({text}))", $"{node} → {mutated}");
        }
    }

    private void OfLiteral(LiteralExpressionSyntax node)
    {
        if (node.IsKind(SyntaxKind.TrueLiteralExpression) || node.IsKind(SyntaxKind.FalseLiteralExpression))
        {
            var other = node.IsKind(SyntaxKind.TrueLiteralExpression) ? "false" : "true";
            Add(node, "constant", (on, text) => $"({on} ? {other} : {text})", $"{node} → {other}");
        }
        else if (node.IsKind(SyntaxKind.NumericLiteralExpression))
        {
            var other = node.Token.Value switch
            {
                int value => value == int.MaxValue ? $"{value - 1}" : $"{value + 1}",
                uint value => $"{unchecked(value + 1)}u",
                long value => $"{unchecked(value + 1)}L",
                ulong value => $"{unchecked(value + 1)}ul",
                float value => $"{(value + 1).ToString("R", CultureInfo.InvariantCulture)}f",
                double value => $"{(value + 1).ToString("R", CultureInfo.InvariantCulture)}d",
                _ => null,
            };
            if (other is not null)
                Add(node, "constant", (on, text) => $"({on} ? {other} : {text})", $"{node} → {other}");
        }
    }

    private void OfExtreme(InvocationExpressionSyntax node, MemberAccessExpressionSyntax access)
    {
        if (node.ArgumentList.Arguments.Count != 2)
            return;
        var other = access.Name.Identifier.Text == "Min" ? "Max" : "Min";
        var mutated = $"{access.Expression}.{other}{node.ArgumentList}";
        Add(node, "arithmetic swap", (on, text) => $"({on} ? ({mutated}) : ({text}))", $"{node} → {mutated}");
    }

    private void OfReturn(ReturnStatementSyntax node, ExpressionSyntax value)
    {
        if (!IsPlain(value))
            Add(node, "return default", (on, text) => $"{{ if ({on}) {{ return default!; }} {text} }}", $"{node} → return default;");
    }

    /// <summary>What would be the same as another mutant, or as no mutant.</summary>
    private static bool IsPlain(ExpressionSyntax value) => value is LiteralExpressionSyntax or ThrowExpressionSyntax or RefExpressionSyntax;

    private void OfCondition(SyntaxNode node)
    {
        if (node is not ExpressionSyntax expression || Exclusions.IsOfProcessor(expression))
            return;
        OfOperand(expression);
        if (expression is LiteralExpressionSyntax)
            return;
        if (
            node.Parent is IfStatementSyntax choice && choice.Condition == node
            || node.Parent is ConditionalExpressionSyntax { } conditional && conditional.Condition == node
        )
        {
            Add(expression, "condition always", (on, text) => $"({on} || ({text}))", $"{node} → true");
            Add(expression, "condition never", (on, text) => $"(!{on} && ({text}))", $"{node} → false");
        }
        else if (node.Parent is WhileStatementSyntax loop && loop.Condition == node)
        {
            Add(expression, "condition never", (on, text) => $"(!{on} && ({text}))", $"while ({node}) → while (false)");
        }
    }

    private void Add(SyntaxNode node, string kind, Func<string, string, string> weave, string change)
    {
        var member = MemberOf(node);
        var place = _places.GetValueOrDefault((member, kind));
        _places[(member, kind)] = place + 1;
        var line = tree.GetLineSpan(node.Span).StartLinePosition.Line + 1;
        var written = string.Join(' ', change.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        _found.Add(new(file, line, member, kind, place, node, weave, written));
    }

    private static string MemberOf(SyntaxNode node)
    {
        List<string> names = [];
        foreach (var ancestor in node.AncestorsAndSelf())
        {
            switch (ancestor)
            {
                case MethodDeclarationSyntax method:
                    names.Add($"{method.Identifier.Text}({string.Join(',', method.ParameterList.Parameters.Select(p => p.Type))})");
                    break;
                case ConstructorDeclarationSyntax constructor:
                    names.Add($"new({string.Join(',', constructor.ParameterList.Parameters.Select(p => p.Type))})");
                    break;
                case PropertyDeclarationSyntax property:
                    names.Add(property.Identifier.Text);
                    break;
                case IndexerDeclarationSyntax:
                    names.Add("this[]");
                    break;
                case OperatorDeclarationSyntax or ConversionOperatorDeclarationSyntax:
                    names.Add("operator");
                    break;
                case VariableDeclaratorSyntax { Parent.Parent: FieldDeclarationSyntax } field:
                    names.Add(field.Identifier.Text);
                    break;
                case BaseTypeDeclarationSyntax type:
                    names.Add(type.Identifier.Text);
                    break;
            }
        }
        names.Reverse();
        return string.Join('.', names);
    }
}
