using System.CommandLine;
using SearchEngine.Cli.Arguments;
using SearchEngine.Cli.Output;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Evaluation;

/// <summary><c>searchengine eval …</c>.</summary>
internal static class EvaluationSyntax
{
    public static Command Build(CliConsole console) => new("eval", "Measure quality on a labelled set")
    {
        Retrieval(console),
    };

    private static Command Retrieval(CliConsole console)
    {
        var folder = new Argument<string>("DIR") { Description = "A BEIR-layout folder: corpus.jsonl, queries.jsonl, qrels/SPLIT.tsv" };
        var split = new Option<string?>("--split") { Description = "Which judgements: qrels/SPLIT.tsv (default: test)", HelpName = "SPLIT" };
        var mode = Choices.Mode();
        var json = CommonOptions.Json();
        var model = new ModelArguments(complete: true);
        var command = new Command("retrieval", "nDCG@10, Recall@100 and MRR@10 through the whole engine, one chunk per document") { folder, split, mode, json };
        model.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            var settings = SettingsLoader.Load();
            var rankers = Choices.ModeOf(parsed.GetValue(mode)) ?? settings.Search.Mode;
            var plan = new RetrievalPlan(
                Path.GetFullPath(parsed.GetRequiredValue(folder)),
                parsed.GetValue(split) ?? "test",
                rankers,
                parsed.GetValue(json),
                rankers == SearchMode.Keyword ? null : model.Resolve(parsed, settings),
                settings);
            return new RetrievalCommand(console).RunAsync(plan, cancellationToken);
        });
        return command;
    }
}
