using System.CommandLine;
using SearchEngine.Cli.AddOn;
using SearchEngine.Cli.Output;

namespace SearchEngine.Cli;

/// <summary>
/// The commands that train and measure models are in a program of their own, which brings libtorch and what draws: this one finds it and
/// hands the whole call over. That program has another class of this name in the place of this.
/// </summary>
internal static class TrainingCommands
{
    private static readonly Dictionary<string, string> Descriptions = new(StringComparer.Ordinal)
    {
        ["train"] = "Adapt a decoder into an embedder, step by step (add-on searchengine-training)",
        ["eval"] = "Measure quality on labelled sets (add-on searchengine-training)",
    };

    /// <summary>The commands' names, for the help of the whole; they are run by <see cref="TryRunElsewhere"/>.</summary>
    public static IEnumerable<Command> Build(CliConsole console) =>
        Descriptions.Select(pair => new Command(pair.Key, pair.Value) { TreatUnmatchedTokensAsErrors = false });

    /// <summary>Runs the add-on where the first word is one of its commands.</summary>
    /// <returns>Its exit code; null where the call is for this program.</returns>
    public static int? TryRunElsewhere(IReadOnlyList<string> arguments, CliConsole console)
    {
        if (arguments.Count == 0 || !Descriptions.ContainsKey(arguments[0]))
            return null;
        if (TrainingProgram.Find() is string program)
            return TrainingProgram.Run(program, arguments);
        console.WriteDiagnostic(
            $"error: '{arguments[0]}' is in the add-on searchengine-training, which is not installed; "
                + "'dotnet tool install --global --prerelease SearchEngine.Cli.Training' brings it, in a clone of the repository "
                + $"'dotnet run -c Release --project src/SearchEngine.Cli.Training -- {arguments[0]} …' runs it."
        );
        return ExitCode.Failure;
    }
}
