using System.CommandLine;
using SearchEngine.Cli.Arguments;
using SearchEngine.Cli.Output;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Collections;

/// <summary><c>searchengine collection list|info|delete|verify</c>. None of them loads a model.</summary>
internal static class CollectionSyntax
{
    public static Command Build(CliConsole console) => new("collection", "List, inspect, check and delete collections")
    {
        List(console),
        Named("info", "Show a collection's schema, counts and sizes", (plan, token) => new CollectionInfoCommand(console).RunAsync(plan, token)),
        Named("delete", "Delete a collection with all its files", (plan, token) => new CollectionDeleteCommand(console).RunAsync(plan, token)),
        Named("verify", "Check records, vectors, graph and keyword index against each other", (plan, token) => new CollectionVerifyCommand(console).RunAsync(plan, token)),
    };

    private static Command List(CliConsole console)
    {
        var json = CommonOptions.Json();
        var database = new DatabaseArguments();
        var command = new Command("list", "List the collections of a database") { json };
        database.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
            new CollectionListCommand(console).RunAsync(database.Resolve(parsed, SettingsLoader.Load()), parsed.GetValue(json), cancellationToken));
        return command;
    }

    private static Command Named(string name, string description, Func<CollectionPlan, CancellationToken, Task<int>> run)
    {
        var collection = new Argument<string>("NAME") { Description = "The collection's name" };
        var json = CommonOptions.Json();
        var database = new DatabaseArguments();
        var command = new Command(name, description) { collection, json };
        database.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            var plan = new CollectionPlan(
                parsed.GetRequiredValue(collection),
                parsed.GetValue(json),
                database.Resolve(parsed, SettingsLoader.Load()));
            return run(plan, cancellationToken);
        });
        return command;
    }
}
