using SearchEngine.Cli.Output;

namespace SearchEngine.Cli;

/// <summary>Calls that another program answers: this one has all commands.</summary>
internal static class HandOver
{
    /// <returns>Null: nothing is left to another program.</returns>
    public static int? TryRun(IReadOnlyList<string> arguments, CliConsole console) => null;
}
