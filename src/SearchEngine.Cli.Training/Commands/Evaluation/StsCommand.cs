using SearchEngine.Cli.Output;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Evaluation;

/// <summary>Semantic textual similarity: Spearman's correlation with people's scores, of each file and their mean.</summary>
internal sealed class StsCommand(CliConsole console)
{
    public async Task<int> RunAsync(IReadOnlyList<string> files, ModelPlan plan, bool asJson, CancellationToken cancellationToken)
    {
        using var model = LoadedModel.Load(plan);
        var scores = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var file in files)
            scores[file] = await ModelScores.StsAsync(model, file, cancellationToken);
        var mean = scores.Values.Average();
        if (asJson)
        {
            console.WriteJson(new { spearman = mean, files = scores });
            return ExitCode.Success;
        }

        foreach (var (file, score) in scores)
            console.Out.WriteLine($"Spearman {Format.Score(score)}  {file}");
        if (scores.Count > 1)
            console.Out.WriteLine($"Spearman {Format.Score(mean)}  mean");
        return ExitCode.Success;
    }
}
