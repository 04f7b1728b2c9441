using System.CommandLine;
using SearchEngine.Cli.Arguments;
using SearchEngine.Cli.Output;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Ingest;

/// <summary><c>searchengine ingest PATH…</c>.</summary>
internal static class IngestSyntax
{
    private static readonly char[] GlobCharacters = ['*', '?', '['];

    public static Command Build(CliConsole console)
    {
        var paths = new Argument<string[]>("PATH") { Description = "Files, folders with all below them, and globs such as 'docs/**/*.md'", Arity = ArgumentArity.OneOrMore };
        var collection = CommonOptions.Collection();
        var force = new Option<bool>("--force") { Description = "Read unchanged files again too" };
        var json = CommonOptions.Json();
        var database = new DatabaseArguments();
        var model = new ModelArguments(complete: false);
        var command = new Command("ingest", "Bring a collection in step with files: Markdown, text, HTML, JSONL, PDF, Word") { paths, collection, force, json };
        database.AddTo(command);
        model.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            var settings = SettingsLoader.Load();
            var named = parsed.GetRequiredValue(paths);
            foreach (var path in named) RequirePath(path);
            var plan = new IngestPlan(
                named,
                parsed.GetValue(collection) ?? settings.Collection,
                parsed.GetValue(force),
                parsed.GetValue(json),
                database.Resolve(parsed, settings),
                model.Resolve(parsed, settings),
                settings.Ingestion);
            return new IngestCommand(console).RunAsync(plan, cancellationToken);
        });
        return command;
    }

    /// <summary>Told before a model is loaded or a database made.</summary>
    private static void RequirePath(string path)
    {
        if (path.Length == 0) throw new HostException("A path is empty.");
        if (path.IndexOfAny(GlobCharacters) < 0 && !File.Exists(path) && !Directory.Exists(path))
            throw new HostException($"There is no file or folder '{path}', or it may not be read.");
    }
}
