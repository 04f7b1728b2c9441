using SearchEngine.Cli.Output;
using SearchEngine.Hosting;
using SearchEngine.Training;
using SearchEngine.Training.Evaluation;

namespace SearchEngine.Cli.Commands.Training;

/// <summary>Mines hard negatives.</summary>
internal sealed class MineCommand(CliConsole console)
{
    public async Task<int> RunAsync(HardNegativeConfig config, ModelPlan plan, bool asJson, CancellationToken cancellationToken)
    {
        using var model = LoadedModel.Load(plan);
        var summary = await HardNegativeMiner.MineAsync(config, EmbedderOf(model), new DiagnosticProgress(console), cancellationToken);
        if (asJson)
        {
            console.WriteJson(summary);
        }
        else
        {
            console.Out.WriteLine(
                $"{Format.Count(summary.Queries, "query", "queries")}, {Format.Count(summary.Negatives, "negative")}, {Format.Count(summary.Filtered, "candidate")} dropped as probable positives, {Format.Count(summary.Bare)} without a negative"
            );
        }
        return ExitCode.Success;
    }

    private static TextEmbedder EmbedderOf(LoadedModel model)
    {
        var queries = TextEmbedders.From(model.Queries);
        var documents = TextEmbedders.From(model.Documents);
        return (texts, asQueries, token) => (asQueries ? queries : documents)(texts, false, token);
    }
}
