using System.CommandLine;
using SearchEngine.Cli.Arguments;
using SearchEngine.Cli.Output;
using SearchEngine.Hosting;
using SearchEngine.Ingestion;

namespace SearchEngine.Cli.Commands.Ingest;

/// <summary><c>searchengine ingest PATH…</c>.</summary>
internal static class IngestSyntax
{
    public static Command Build(CliConsole console)
    {
        var paths = new Argument<string[]>("PATH")
        {
            Description = "Files, folders with all below them, and globs such as 'docs/**/*.{md,txt}'",
            Arity = ArgumentArity.OneOrMore,
        };
        var collection = CommonOptions.Collection();
        var force = new Option<bool>("--force") { Description = "Read unchanged files again too" };
        var selection = new FileSelectionArguments();
        var prune = new Option<bool>("--prune") { Description = "Delete every file that is no longer on the disk, wherever it was" };
        var watch = new Option<bool>("--watch") { Description = "Stay and ingest again whenever files change" };
        var late = new Option<bool?>("--late-chunking")
        {
            Description = "Embed passages in the context of their document; for models that pool by the mean",
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would be done" };
        var root = new Option<string?>("--root")
        {
            Description = "Name under which the folder's files are stored (default: the folder's name)",
            HelpName = "NAME",
        };
        var fields = new Option<string[]>("--field")
        {
            Description =
                "A field for what documents say of themselves, as name:type, in a collection that is made now (year:int, tag:string)",
            HelpName = "NAME:TYPE",
        };
        var json = CommonOptions.Json();
        var database = new DatabaseArguments();
        var model = new ModelArguments(complete: false);
        var command = new Command("ingest", "Bring a collection in step with files of many formats")
        {
            paths,
            collection,
            force,
            prune,
            watch,
            late,
            dryRun,
            root,
            fields,
            json,
        };
        selection.AddTo(command);
        database.AddTo(command);
        model.AddTo(command);
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                var settings = SettingsLoader.Load();
                if (parsed.GetValue(watch) && parsed.GetValue(dryRun))
                    throw new HostException("--watch stays and writes, --dry-run writes nothing: give one of them.");
                var named = parsed.GetRequiredValue(paths);
                foreach (var path in named)
                    RequirePath(path);
                var plan = new IngestPlan(
                    named,
                    parsed.GetValue(collection) ?? settings.Collection,
                    parsed.GetValue(json),
                    parsed.GetValue(prune),
                    parsed.GetValue(watch),
                    parsed.GetValue(late) ?? settings.Ingestion.LateChunking,
                    selection.Resolve(parsed) with
                    {
                        Force = parsed.GetValue(force),
                        DryRun = parsed.GetValue(dryRun),
                        NamedRoots = true,
                        RootName = parsed.GetValue(root),
                    },
                    [.. (parsed.GetValue(fields) ?? []).Select(FieldArgument.Parse)],
                    database.Resolve(parsed, settings),
                    model.Resolve(parsed, settings),
                    settings.Ingestion
                );
                return new IngestCommand(console).RunAsync(plan, cancellationToken);
            }
        );
        return command;
    }

    /// <summary>Told before a model is loaded or a database made.</summary>
    private static void RequirePath(string path)
    {
        if (path.Length == 0)
            throw new HostException("A path is empty.");
        if (!GlobPattern.IsPattern(path) && !File.Exists(path) && !Directory.Exists(path))
            throw new HostException($"There is no file or folder '{path}', or it may not be read.");
    }
}
