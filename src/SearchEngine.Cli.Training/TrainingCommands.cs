using System.CommandLine;
using SearchEngine.Cli.Commands.Evaluation;
using SearchEngine.Cli.Commands.Training;
using SearchEngine.Cli.Output;

namespace SearchEngine.Cli;

/// <summary>The commands that train and measure models. In the program without them, calls of this one.</summary>
internal static class TrainingCommands
{
    public static IEnumerable<Command> Build(CliConsole console) => [TrainingSyntax.Build(console), EvaluationSyntax.Build(console)];
}
