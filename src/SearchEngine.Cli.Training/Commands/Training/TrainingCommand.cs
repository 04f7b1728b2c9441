using System.Globalization;
using SearchEngine.Cli.Output;
using SearchEngine.Training;

namespace SearchEngine.Cli.Commands.Training;

/// <summary>
/// Runs a training step and reports it: progress on stderr, the last line of its log on stdout. Ctrl-C ends it after the current step, with
/// a checkpoint.
/// </summary>
internal sealed class TrainingCommand(CliConsole console)
{
    /// <summary>A step of the trainer.</summary>
    public delegate TrainingProgress Run(string configFile, Context context);

    /// <summary>What every step is given.</summary>
    public sealed record Context(
        bool Resume,
        bool Overwrite,
        IProgress<TrainingProgress> Progress,
        IProgress<string> Messages,
        CancellationToken CancellationToken
    );

    public async Task<int> RunAsync(
        Run run,
        string configFile,
        bool resume,
        bool overwrite,
        bool asJson,
        CancellationToken cancellationToken
    )
    {
        var context = new Context(resume, overwrite, new Lines(console), new DiagnosticProgress(console), cancellationToken);
        var last = await Task.Run(() => run(configFile, context), CancellationToken.None);
        if (asJson)
            console.WriteJson(last);
        else
            console.Out.WriteLine(Describe(last));
        cancellationToken.ThrowIfCancellationRequested();
        return ExitCode.Success;
    }

    private static string Describe(TrainingProgress progress) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"step {progress.Step}/{progress.Steps}  loss {progress.Loss:0.0000}  accuracy {progress.Accuracy:0.000}  {Format.Rate(progress.TokensPerSecond)} tokens/s  {Format.Seconds(TimeSpan.FromSeconds(progress.SecondsLeft))} left"
        );

    private sealed class Lines(CliConsole console) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => console.WriteDiagnostic(Describe(value));
    }
}
