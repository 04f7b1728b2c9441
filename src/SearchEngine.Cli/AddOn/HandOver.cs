using SearchEngine.Cli.AddOn;
using SearchEngine.Cli.Output;

namespace SearchEngine.Cli;

/// <summary>Calls that another program answers: here, those that train and measure.</summary>
internal static class HandOver
{
    /// <summary>Runs the add-on where the first word is one of its commands.</summary>
    /// <returns>Its exit code; null where the call is for this program.</returns>
    public static int? TryRun(IReadOnlyList<string> arguments, CliConsole console)
    {
        if (arguments.Count == 0 || !TrainingCommands.Have(arguments[0]))
            return null;
        if (TrainingProgram.Find() is string program)
            return OtherProgram.Run(program, arguments);
        console.WriteDiagnostic(
            $"error: '{arguments[0]}' is in the add-on searchengine-training, which is not installed; "
                + "'dotnet tool install --global --prerelease SearchEngine.Cli.Training' brings it, in a clone of the repository "
                + $"'dotnet run -c Release --project src/SearchEngine.Cli.Training -- {arguments[0]} …' runs it."
        );
        return ExitCode.Failure;
    }
}
