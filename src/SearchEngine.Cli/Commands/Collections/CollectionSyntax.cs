using System.CommandLine;
using SearchEngine.Cli.Arguments;
using SearchEngine.Cli.Output;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Collections;

/// <summary>
/// <c>searchengine collection list|info|delete|verify|repair|export|import|move</c>. Only <c>import --embed</c> loads a model.
/// </summary>
internal static class CollectionSyntax
{
    public static Command Build(CliConsole console) =>
        new("collection", "List, inspect, check, repair, delete, export, import and move collections")
        {
            List(console),
            Named(
                "info",
                canReadOnly: true,
                "Show a collection's schema, counts and sizes",
                (plan, token) => new CollectionInfoCommand(console).RunAsync(plan, token)
            ),
            Named(
                "delete",
                canReadOnly: false,
                "Delete a collection with all its files",
                (plan, token) => new CollectionDeleteCommand(console).RunAsync(plan, token)
            ),
            Named(
                "verify",
                canReadOnly: true,
                "Check records, vectors, graph and keyword index against each other",
                (plan, token) => new CollectionVerifyCommand(console).RunAsync(plan, token)
            ),
            Named(
                "repair",
                canReadOnly: false,
                "Make vectors' graph, key map and keyword index anew from the records",
                (plan, token) => new CollectionRepairCommand(console).RunAsync(plan, token)
            ),
            Export(console),
            Import(console),
            CollectionMoveSyntax.Build(console),
        };

    private static Command List(CliConsole console)
    {
        var json = CommonOptions.Json();
        var database = new DatabaseArguments(canReadOnly: true);
        var command = new Command("list", "List the collections of a database") { json };
        database.AddTo(command);
        command.SetAction(
            (parsed, cancellationToken) =>
                new CollectionListCommand(console).RunAsync(
                    database.Resolve(parsed, SettingsLoader.Load()),
                    parsed.GetValue(json),
                    cancellationToken
                )
        );
        return command;
    }

    private static Command Named(string name, bool canReadOnly, string description, Func<CollectionPlan, CancellationToken, Task<int>> run)
    {
        var collection = new Argument<string>("NAME") { Description = "The collection's name" };
        var json = CommonOptions.Json();
        var database = new DatabaseArguments(canReadOnly);
        var command = new Command(name, description) { collection, json };
        database.AddTo(command);
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                var plan = new CollectionPlan(
                    parsed.GetRequiredValue(collection),
                    parsed.GetValue(json),
                    database.Resolve(parsed, SettingsLoader.Load())
                );
                return run(plan, cancellationToken);
            }
        );
        return command;
    }

    private static Command Export(CliConsole console)
    {
        var collection = new Argument<string>("NAME") { Description = "The collection's name" };
        var output = new Option<string?>("--output") { Description = "The file to write (default: stdout)", HelpName = "FILE" };
        var format = ExchangeFormats.Option();
        var noVectors = new Option<bool>("--no-vectors") { Description = "Leave vectors out; an import embeds the texts again" };
        var json = CommonOptions.Json();
        var database = new DatabaseArguments(canReadOnly: true);
        var command = new Command("export", "Write a collection as JSON Lines or Parquet") { collection, output, format, noVectors, json };
        database.AddTo(command);
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                var plan = new CollectionPlan(
                    parsed.GetRequiredValue(collection),
                    parsed.GetValue(json),
                    database.Resolve(parsed, SettingsLoader.Load())
                );
                var file = parsed.GetValue(output);
                return new CollectionExportCommand(console).RunAsync(
                    plan,
                    file,
                    ExchangeFormats.Of(parsed.GetValue(format), file),
                    !parsed.GetValue(noVectors),
                    cancellationToken
                );
            }
        );
        return command;
    }

    private static Command Import(CliConsole console)
    {
        var file = new Argument<string>("FILE") { Description = "A file that 'collection export' wrote" };
        var collection = new Option<string?>("--collection")
        {
            Description = "Another name for the collection (default: the exported one)",
            HelpName = "NAME",
        };
        var format = ExchangeFormats.Option();
        var embed = new Option<bool>("--embed") { Description = "Embed the records that were exported without vectors" };
        var json = CommonOptions.Json();
        var database = new DatabaseArguments();
        var model = new ModelArguments(complete: false);
        var command = new Command("import", "Read an export into its collection; records of the same keys are replaced")
        {
            file,
            collection,
            format,
            embed,
            json,
        };
        database.AddTo(command);
        model.AddTo(command);
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                var settings = SettingsLoader.Load();
                var plan = new CollectionImportPlan(
                    parsed.GetRequiredValue(file),
                    ExchangeFormats.Of(parsed.GetValue(format), parsed.GetRequiredValue(file)),
                    parsed.GetValue(collection),
                    parsed.GetValue(json),
                    database.Resolve(parsed, settings),
                    parsed.GetValue(embed) ? model.Resolve(parsed, settings) : null
                );
                return new CollectionImportCommand(console).RunAsync(plan, cancellationToken);
            }
        );
        return command;
    }
}
