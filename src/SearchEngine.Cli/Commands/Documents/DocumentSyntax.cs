using System.CommandLine;
using SearchEngine.Cli.Arguments;
using SearchEngine.Cli.Output;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Documents;

/// <summary><c>searchengine document list|show|delete|prune</c>. None of them loads a model.</summary>
internal static class DocumentSyntax
{
    public static Command Build(CliConsole console) =>
        new("document", "List, show and delete the files of a collection")
        {
            Verb(
                "list",
                "List the files of a collection",
                canReadOnly: true,
                isRequired: false,
                (plan, token) => new DocumentListCommand(console).RunAsync(plan, token)
            ),
            Verb(
                "show",
                "Show a file's chunks",
                canReadOnly: true,
                isRequired: true,
                (plan, token) => new DocumentShowCommand(console).RunAsync(plan, token)
            ),
            Verb(
                "delete",
                "Delete files from a collection (not from the disk)",
                canReadOnly: false,
                isRequired: true,
                (plan, token) => new DocumentDeleteCommand(console).RunAsync(plan, token)
            ),
            Verb(
                "prune",
                "Delete from a collection what is no longer on the disk",
                canReadOnly: false,
                isRequired: null,
                (plan, token) => new DocumentPruneCommand(console).RunAsync(plan, token)
            ),
        };

    private static Command Verb(
        string name,
        string description,
        bool canReadOnly,
        bool? isRequired,
        Func<DocumentPlan, CancellationToken, Task<int>> run
    )
    {
        var documents = new Argument<string[]>("DOCUMENT")
        {
            Description = "Names as 'document list' shows them, paths, or globs of names such as 'docs/**/*.md'",
            Arity = isRequired == true ? ArgumentArity.OneOrMore : ArgumentArity.ZeroOrMore,
        };
        var collection = CommonOptions.Collection();
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would be deleted" };
        var json = CommonOptions.Json();
        var database = new DatabaseArguments(canReadOnly);
        var command = new Command(name, description) { collection, json };
        if (isRequired is not null)
            command.Add(documents);
        if (!canReadOnly)
            command.Add(dryRun);
        database.AddTo(command);
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                var settings = SettingsLoader.Load();
                var plan = new DocumentPlan(
                    isRequired is null ? [] : parsed.GetValue(documents) ?? [],
                    parsed.GetValue(collection) ?? settings.Collection,
                    !canReadOnly && parsed.GetValue(dryRun),
                    parsed.GetValue(json),
                    database.Resolve(parsed, settings)
                );
                return run(plan, cancellationToken);
            }
        );
        return command;
    }
}
