using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SearchEngine.Mutants;

/// <summary>Puts mutants into a file, each behind its number, so that one build holds all of them.</summary>
internal sealed partial class MutantWeaver(IReadOnlyDictionary<SyntaxNode, List<(int Number, Mutant Mutant)>> mutants)
    : CSharpSyntaxRewriter
{
    private const string Switch = "global::SearchEngine.Mutants.MutantSwitch.On";

    public override SyntaxNode? Visit(SyntaxNode? node)
    {
        var visited = base.Visit(node);
        if (node is null || visited is null || !mutants.TryGetValue(node, out var here))
            return visited;
        var text = visited.ToString();
        foreach (var (number, mutant) in here)
            text = mutant.Weave($"{Switch}({number})", text);
        // The clause of an expression body is itself a node: its expression is what is woven.
        SyntaxNode woven = node is StatementSyntax ? SyntaxFactory.ParseStatement(text) : SyntaxFactory.ParseExpression(text);
        return woven.WithLeadingTrivia(visited.GetLeadingTrivia()).WithTrailingTrivia(visited.GetTrailingTrivia());
    }

    /// <summary>The numbers of the mutants that are nearest to a place of a woven file.</summary>
    public static IEnumerable<int> Near(string text, int line, int column)
    {
        var tree = CSharpSyntaxTree.ParseText(text);
        var position = tree.GetText().Lines[line - 1].Start + column - 1;
        foreach (var ancestor in tree.GetRoot().FindToken(position).Parent!.AncestorsAndSelf())
        {
            var numbers = Numbers().Matches(ancestor.ToString()).Select(match => int.Parse(match.Groups[1].Value)).Distinct().ToArray();
            if (numbers.Length > 0)
                return numbers;
        }
        return [];
    }

    [GeneratedRegex(@"MutantSwitch\.On\((\d+)\)")]
    private static partial Regex Numbers();
}
