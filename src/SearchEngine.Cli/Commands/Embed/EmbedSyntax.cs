using System.CommandLine;
using SearchEngine.Cli.Arguments;
using SearchEngine.Cli.Output;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Embed;

/// <summary><c>searchengine embed</c>.</summary>
internal static class EmbedSyntax
{
    public static Command Build(CliConsole console)
    {
        var query = new Option<bool>("--query") { Description = "Embed the lines as queries, not documents" };
        var dimensions = Choices.Number("--dimensions", "Keep the leading N components, normalised again (Matryoshka)", minimum: 1);
        var tokens = new Option<bool>("--tokens") { Description = "Each line is a JSON array of token ids, taken as they are" };
        var output = new Option<string?>("--output")
        {
            Description = "Write texts with their vectors to FILE.parquet or FILE.jsonl, which a distillation takes as a teacher",
            HelpName = "FILE",
        };
        // Every line is JSON with and without it; scripts may ask for it everywhere.
        var json = CommonOptions.Json();
        var model = new ModelArguments(complete: true);

        var command = new Command("embed", "Embed lines of standard input: one text in, one JSON array out, in order")
        {
            query,
            dimensions,
            tokens,
            output,
            json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(tokens) && result.GetValue(output) is not null)
                result.AddError("--output keeps texts with their vectors, and --tokens gives no texts: leave one of them out.");
        });
        model.AddTo(command);
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                var settings = SettingsLoader.Load();
                var plan = new EmbedPlan(
                    parsed.GetValue(query),
                    parsed.GetValue(tokens),
                    parsed.GetValue(output),
                    model.Resolve(parsed, settings, parsed.GetValue(dimensions))
                );
                return new EmbedCommand(console).RunAsync(plan, cancellationToken);
            }
        );
        return command;
    }
}
