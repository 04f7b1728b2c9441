using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using SearchEngine.Cli.Arguments;
using SearchEngine.Cli.Output;

namespace SearchEngine.Cli;

/// <summary>Parses the arguments, runs the command and turns every failure into one line on stderr and an exit code.</summary>
internal static class CliApplication
{
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CliConsole console)
    {
        try
        {
            if (HandOver.TryRun(arguments, console) is int exitCode)
                return exitCode;
        }
        catch (Exception exception)
        {
            return Fail(console, ErrorText.Of(exception));
        }
        using var signals = new TerminationSignals();
        // No response files: a query may start with '@'.
        var parser = new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false };
        var parsed = Syntax.Build(console).Parse(arguments, parser);
        if (parsed.Action is not HelpAction && ErrorText.OfParse(parsed, parsed.Action is ParseErrorAction) is { } mistake)
            return Fail(console, mistake);

        try
        {
            var invocation = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
                Output = console.Out,
                Error = console.Error,
            };
            return await parsed.InvokeAsync(invocation, signals.Token);
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            console.WriteDiagnostic("interrupted; what was reported as written is kept");
            return signals.ExitCode;
        }
        catch (Exception exception)
        {
            return Fail(console, ErrorText.Of(exception));
        }
        finally
        {
            console.Flush();
        }
    }

    private static int Fail(CliConsole console, string message)
    {
        console.WriteDiagnostic("error: " + message);
        return ExitCode.Failure;
    }
}
