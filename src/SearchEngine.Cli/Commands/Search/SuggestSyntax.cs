using System.CommandLine;
using SearchEngine.Cli.Arguments;
using SearchEngine.Cli.Databases;
using SearchEngine.Cli.Output;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Search;

/// <summary><c>searchengine suggest TEXT</c>.</summary>
internal static class SuggestSyntax
{
    private const int DefaultTop = 8;

    public static Command Build(CliConsole console)
    {
        var text = new Argument<string[]>("TEXT")
        {
            Description = "What has been typed; its last word is completed",
            Arity = ArgumentArity.OneOrMore,
        };
        var collection = CommonOptions.Collection();
        var top = Choices.Number("-k", "Suggestions at most (default: 8)", minimum: 1, aliases: "--top");
        var json = CommonOptions.Json();
        var database = new DatabaseArguments(canReadOnly: true);
        var command = new Command("suggest", "Complete what is being typed, from the words of a collection")
        {
            text,
            collection,
            top,
            json,
        };
        database.AddTo(command);
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                var settings = SettingsLoader.Load();
                var typed = string.Join(' ', parsed.GetValue(text) ?? []).TrimStart();
                if (typed.Length == 0)
                    throw new HostException("The text is empty; give the beginning of a word.");
                return RunAsync(
                    console,
                    typed,
                    parsed.GetValue(collection) ?? settings.Collection,
                    parsed.GetValue(top) ?? DefaultTop,
                    parsed.GetValue(json),
                    database.Resolve(parsed, settings),
                    cancellationToken
                );
            }
        );
        return command;
    }

    private static async Task<int> RunAsync(
        CliConsole console,
        string text,
        string name,
        int top,
        bool asJson,
        DatabasePlan plan,
        CancellationToken cancellationToken
    )
    {
        DatabaseSession.RequireDatabase(plan);
        await using var database = await DatabaseSession.OpenExistingAsync(plan, null, cancellationToken);
        var collection = await DatabaseSession.OpenCollectionAsync(database, plan, name, cancellationToken);
        var suggestions = await collection.SuggestAsync(text, top, cancellationToken);
        if (asJson)
        {
            SearchJson.Write(console, new SuggestReport(suggestions));
        }
        else
        {
            foreach (var suggestion in suggestions)
                console.Out.WriteLine(suggestion.Text);
        }

        return suggestions.Count > 0 ? ExitCode.Success : ExitCode.Partial;
    }
}
