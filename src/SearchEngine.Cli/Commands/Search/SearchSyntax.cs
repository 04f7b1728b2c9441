using System.CommandLine;
using SearchEngine.Cli.Arguments;
using SearchEngine.Cli.Output;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Search;

/// <summary><c>searchengine search QUERY</c>.</summary>
internal static class SearchSyntax
{
    public static Command Build(CliConsole console)
    {
        var query = new Argument<string[]>("QUERY") { Description = "What to look for; several words need no quotes", Arity = ArgumentArity.OneOrMore };
        var collection = CommonOptions.Collection();
        var top = Choices.Number("-k", "Hits at most (default: 10)", minimum: 1, aliases: "--top");
        var mode = Choices.Mode();
        var explain = new Option<bool>("--explain") { Description = "Show each ranker's rank and score" };
        var json = CommonOptions.Json();
        var database = new DatabaseArguments(canReadOnly: true);
        var model = new ModelArguments(complete: false);

        var command = new Command("search", "Search a collection") { query, collection, top, mode, explain, json };
        database.AddTo(command);
        model.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            var settings = SettingsLoader.Load();
            var text = string.Join(' ', parsed.GetValue(query) ?? []).Trim();
            if (text.Length == 0) throw new HostException("The query is empty; give the words to search for.");
            var rankers = Choices.ModeOf(parsed.GetValue(mode)) ?? settings.Search.Mode;
            var plan = new SearchPlan(
                text,
                parsed.GetValue(collection) ?? settings.Collection,
                parsed.GetValue(top) ?? settings.Search.Top,
                rankers,
                parsed.GetValue(explain),
                parsed.GetValue(json),
                database.Resolve(parsed, settings),
                rankers == SearchMode.Keyword ? null : model.Resolve(parsed, settings),
                settings.Search);
            return new SearchCommand(console).RunAsync(plan, cancellationToken);
        });
        return command;
    }
}
