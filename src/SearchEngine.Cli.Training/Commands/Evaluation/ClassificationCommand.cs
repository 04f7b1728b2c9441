using SearchEngine.Cli.Output;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Evaluation;

/// <summary>Accuracy of a logistic regression on frozen vectors.</summary>
internal sealed class ClassificationCommand(CliConsole console)
{
    public async Task<int> RunAsync(string train, string test, ModelPlan plan, bool asJson, CancellationToken cancellationToken)
    {
        using var model = LoadedModel.Load(plan);
        var accuracy = await ModelScores.ClassificationAsync(model, train, test, cancellationToken);
        if (asJson)
            console.WriteJson(new { accuracy });
        else
            console.Out.WriteLine($"accuracy {Format.Score(accuracy)}");
        return ExitCode.Success;
    }
}
