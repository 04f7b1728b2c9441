using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Text.RegularExpressions;
using SearchEngine.Hosting;

namespace SearchEngine.Cli;

/// <summary>One line for every failure.</summary>
internal static partial class ErrorText
{
    /// <summary>Set to anything, the stack trace of a failure is printed too.</summary>
    public const string DebugVariable = "SEARCHENGINE_DEBUG";

    private const string ProgramName = "searchengine";

    public static string Of(Exception exception)
    {
        if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable(DebugVariable)))
            return exception.ToString();
        while (
            exception is AggregateException { InnerExceptions.Count: 1 } or TypeInitializationException
            && exception.InnerException is { } inner
        )
        {
            exception = inner;
        }
        return OneLine(
            exception switch
            {
                HostException or SearchDatabaseException => exception.Message,
                ArgumentException => ParameterSuffix().Replace(exception.Message, string.Empty),
                IOException or UnauthorizedAccessException or InvalidDataException or FormatException or NotSupportedException =>
                    exception.Message,
                InvalidOperationException or DllNotFoundException when IsOurs(OriginOf(exception)) => exception.Message,
                _ when IsOurs(exception.GetType().Namespace) => exception.Message,
                _ => $"{exception.GetType().Name}: {exception.Message} (set {DebugVariable}=1 for the stack trace)",
            }
        );
    }

    /// <summary>What is wrong with the arguments; null where nothing is.</summary>
    public static string? OfParse(ParseResult parsed, bool failed)
    {
        var message = MisspeltOption(parsed);
        if (
            message is null
            && failed
            && parsed.CommandResult.Command.Subcommands is { Count: > 0 } verbs
            && parsed.UnmatchedTokens.Count == 0
        )
        {
            message = $"A command is needed: {string.Join(", ", verbs.Select(verb => verb.Name))}";
        }
        if (message is null && failed)
        {
            // "Unrecognized …" names the culprit; a missing command or argument is often only its consequence.
            var errors = parsed.Errors.Select(error => error.Message).ToArray();
            message =
                errors.FirstOrDefault(error => error.StartsWith("Unrecognized", StringComparison.Ordinal))
                ?? errors.FirstOrDefault()
                ?? "A command is needed.";
        }

        if (message is null)
            return null;
        var names = new List<string>();
        for (
            SymbolResult? result = parsed.CommandResult;
            result is CommandResult { Command: not RootCommand } command;
            result = result.Parent
        )
        {
            names.Insert(0, command.Command.Name);
        }
        names.Insert(0, ProgramName);
        return OneLine($"{message.TrimEnd('.')}. See '{string.Join(' ', names)} --help'.");
    }

    /// <summary>
    /// An argument that takes several words would swallow a misspelt option: words with a dash count only after <c>--</c>.
    /// </summary>
    private static string? MisspeltOption(ParseResult parsed)
    {
        var suspects = parsed
            .CommandResult.Children.OfType<ArgumentResult>()
            .SelectMany(argument => argument.Tokens)
            .Select(token => token.Value)
            .Where(value => value.Length > 1 && value[0] == '-')
            .ToHashSet(StringComparer.Ordinal);
        if (suspects.Count == 0)
            return null;
        var beforeDashes = parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash);
        return beforeDashes.FirstOrDefault(token => token.Type == TokenType.Argument && suspects.Contains(token.Value)) is { } token
            ? $"Unrecognized option '{token.Value}' (words that start with '-' go after --)"
            : null;
    }

    /// <summary>Whether a namespace or assembly is the product's own: its messages are written for users.</summary>
    private static bool IsOurs(string? name) => name?.StartsWith("SearchEngine", StringComparison.Ordinal) == true;

    /// <summary>The assembly that threw it. A native program has that in the stack alone.</summary>
    private static string? OriginOf(Exception exception) =>
        new StackTrace(exception).GetFrame(0) is { } frame ? DiagnosticMethodInfo.Create(frame)?.DeclaringAssemblyName : null;

    private static string OneLine(string text) => LineBreaks().Replace(text.Trim(), " ");

    [GeneratedRegex(@"\s*\(Parameter '[^']*'\)")]
    private static partial Regex ParameterSuffix();

    [GeneratedRegex(@"\s*[\r\n]+\s*")]
    private static partial Regex LineBreaks();
}
