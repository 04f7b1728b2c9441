using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SearchEngine.Mutants;

/// <summary>
/// What is no part of the population, by rule and before anything is drawn: what no caller can see but by measuring time or memory, what is said
/// rather than done, and what the compiler needs as a constant.
/// </summary>
internal static partial class Exclusions
{
    /// <summary>Each rule in a sentence, for the report.</summary>
    public static readonly string[] Rules =
    [
        "constants, attributes, enumerations, default values of parameters, case labels and patterns (the compiler needs constants there)",
        "what is inside a thrown exception or a log, metric or trace call (its text); the throwing itself is mutated",
        "capacities, prefetches, advice to the pager, huge pages, numbers of threads: arguments and calls whose name says so (performance only)",
        "choices of a processor's instructions (IsSupported, IsHardwareAccelerated): all arms have to agree, and tests of the kernels hold them together",
        "calls that only release (Dispose, Return, Free, SuppressFinalize), ConfigureAwait, Debug.Assert, null guards of parameters that are not nullable",
        "ToString and GetHashCode",
    ];

    [GeneratedRegex(
        "Capacity|Prefetch|HugePage|Advis|Advice|Madvise|Parallelism|ThreadCount|Logger|\\bLog(Debug|Information|Warning|Error|Trace)|Activity|Histogram|Counter\\.Add|Meter"
    )]
    private static partial Regex Unseen();

    [GeneratedRegex("IsSupported|IsHardwareAccelerated")]
    private static partial Regex Processor();

    [GeneratedRegex(
        @"(^|\.|\?\.)(Dispose|DisposeAsync|Return|Free|AlignedFree|SuppressFinalize|KeepAlive|Assert|ThrowIfNull|EnsureCapacity|TrimExcess|AddMemoryPressure|RemoveMemoryPressure)$"
    )]
    private static partial Regex Releases();

    /// <summary>Whether nothing at or below a node is mutated.</summary>
    public static bool Whole(SyntaxNode node) =>
        node switch
        {
            AttributeListSyntax or EnumDeclarationSyntax or PatternSyntax or SwitchLabelSyntax => true,
            ParameterSyntax => true,
            FieldDeclarationSyntax field => field.Modifiers.Any(SyntaxKind.ConstKeyword),
            LocalDeclarationStatementSyntax local => local.IsConst,
            MethodDeclarationSyntax method => method.Identifier.Text is "ToString" or "GetHashCode",
            ExpressionStatementSyntax statement => Releases().IsMatch(Called(statement.Expression)),
            ThrowExpressionSyntax => true,
            InvocationExpressionSyntax call => Called(call) is "nameof"
                || Releases().IsMatch(Called(call))
                || Unseen().IsMatch(Called(call)),
            AssignmentExpressionSyntax assignment => Unseen().IsMatch(assignment.Left.ToString()),
            VariableDeclaratorSyntax variable => Unseen().IsMatch(variable.Identifier.Text),
            ArgumentSyntax argument => IsUnseen(argument),
            InterpolationAlignmentClauseSyntax or InterpolationFormatClauseSyntax => true,
            _ => false,
        };

    /// <summary>Whether a condition chooses among the processor's instructions.</summary>
    public static bool IsOfProcessor(ExpressionSyntax expression) => Processor().IsMatch(expression.ToString());

    /// <summary>What an expression calls, without its arguments.</summary>
    private static string Called(ExpressionSyntax expression) =>
        expression switch
        {
            AwaitExpressionSyntax wait => Called(wait.Expression),
            ConditionalAccessExpressionSyntax access => Called(access.WhenNotNull),
            InvocationExpressionSyntax call => call.Expression.ToString(),
            _ => "",
        };

    /// <summary>The number of a collection's constructor, or the context of an await.</summary>
    private static bool IsUnseen(ArgumentSyntax argument) =>
        argument.Parent?.Parent
            is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.Text: "ConfigureAwait" } }
        || argument.Parent?.Parent is ObjectCreationExpressionSyntax creation
            && Regex.IsMatch(
                creation.Type.ToString(),
                @"^(List|Dictionary|HashSet|Queue|PriorityQueue|StringBuilder|MemoryStream|ArrayBufferWriter|FileStream)\b"
            );
}
