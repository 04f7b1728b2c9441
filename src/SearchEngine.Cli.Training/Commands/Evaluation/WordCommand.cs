using SearchEngine.Cli.Output;

namespace SearchEngine.Cli.Commands.Evaluation;

/// <summary>Accuracy of a linear probe for parts of speech on frozen token states.</summary>
internal sealed class WordCommand(CliConsole console)
{
    public async Task<int> RunAsync(WordPlan plan, CancellationToken cancellationToken)
    {
        var accuracy = await ModelScores.WordAsync(
            plan.ModelFolder,
            plan.Train,
            plan.Test,
            plan.Causal,
            plan.PreviousPosition,
            cancellationToken
        );
        if (plan.AsJson)
            console.WriteJson(new { accuracy });
        else
            console.Out.WriteLine($"accuracy {Format.Score(accuracy)}");
        return ExitCode.Success;
    }
}
