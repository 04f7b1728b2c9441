using SearchEngine.Cli.Output;
using SearchEngine.Hosting;
using SearchEngine.Training.Evaluation;

namespace SearchEngine.Cli.Commands.Evaluation;

/// <summary>Measures retrieval through the whole engine.</summary>
internal sealed class RetrievalCommand(CliConsole console)
{
    public async Task<int> RunAsync(RetrievalPlan plan, CancellationToken cancellationToken)
    {
        var set = BeirDataset.Read(plan.Folder, plan.Split);
        using var model = plan.Model is null ? null : LoadedModel.Load(plan.Model);
        var rankings = (await new RetrievalRun(console, plan.Settings, model).RunAsync(set, [plan.Mode], cancellationToken))[0];
        if (plan.RunFile is { } file)
            RunFile.Write(file, rankings.ByQuery, $"searchengine-{plan.Mode.ToString().ToLowerInvariant()}");
        var scores = rankings.Scores;
        if (plan.AsJson)
        {
            console.WriteJson(RetrievalReport.Of(scores, set.Corpus.Count));
            return ExitCode.Success;
        }

        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(plan.Folder));
        console.Out.WriteLine(
            $"{name} ({plan.Split}), {plan.Mode.ToString().ToLowerInvariant()}: {Format.Count(set.Corpus.Count, "document")}, {Format.Count(scores.Queries, "query", "queries")}"
        );
        console.Out.WriteLine($"nDCG@10     {Format.Score(scores.NdcgAt10)}");
        console.Out.WriteLine($"Recall@100  {Format.Score(scores.RecallAt100)}");
        console.Out.WriteLine($"MRR@10      {Format.Score(scores.MrrAt10)}");
        console.Out.WriteLine($"MAP@100     {Format.Score(scores.MapAt100)}");
        return ExitCode.Success;
    }
}
