using System.CommandLine;
using SearchEngine.Cli.Arguments;
using SearchEngine.Cli.Commands.Ingest;
using SearchEngine.Cli.Output;
using SearchEngine.Hosting;
using SearchEngine.Migration;
using SearchEngine.Vectors;

namespace SearchEngine.Cli.Commands.Import;

/// <summary><c>searchengine import PATH</c>.</summary>
internal static class ImportSyntax
{
    private static readonly Dictionary<string, StoreKind> Kinds = new(StringComparer.OrdinalIgnoreCase)
    {
        ["qdrant"] = StoreKind.Qdrant,
        ["chroma"] = StoreKind.Chroma,
        ["lancedb"] = StoreKind.LanceDb,
        ["pgvector"] = StoreKind.Pgvector,
        ["sqlite-vec"] = StoreKind.SqliteVec,
    };

    private static readonly Dictionary<string, DistanceMetric> Metrics = new(StringComparer.OrdinalIgnoreCase)
    {
        ["cosine"] = DistanceMetric.Cosine,
        ["dot"] = DistanceMetric.DotProduct,
        ["euclidean"] = DistanceMetric.Euclidean,
        ["manhattan"] = DistanceMetric.Manhattan,
    };

    public static Command Build(CliConsole console)
    {
        var path = new Argument<string>("PATH")
        {
            Description =
                "What another store left: JSON of Qdrant or Chroma, Chroma's folder, Parquet, Arrow, COPY or pg_dump, a sqlite-vec file",
        };
        var from = Choices.Of("--from", "The kind (default: recognized by content)", [.. Kinds.Keys]);
        var table = Named("--table", "The table or collection in it, where it has several", "NAME");
        var columns = Named("--columns", "Columns of a COPY file without a header: a,b,c", "NAMES");
        var join = Named("--join", "sqlite-vec: the table with the rows' other columns (default: NAME for vec_NAME)", "TABLE");
        var key = Named("--key", "The column that is the key (default: the store's)", "COLUMN");
        var metric = Choices.Of("--metric", "How vectors are compared, where the store does not say (default: cosine)", [.. Metrics.Keys]);
        var embed = Named("--embed", "Embed this text column anew, in place of the vectors that are there", "COLUMN");
        var sameModel = new Option<bool>("--same-model")
        {
            Description = "The vectors were made by --model: texts can be searched with it",
        };
        var skip = Several("--skip", "A column to leave out; may be repeated", "COLUMN");
        var text = Several("--text", "A column for keyword search (default: texts of some length); may be repeated", "COLUMN");
        var fields = Several("--field", "A column's type, in place of what its values are; may be repeated", "COLUMN:TYPE");
        var renames = Several("--rename", "Another name for a column; may be repeated", "COLUMN=NAME");
        var dryRun = new Option<bool>("--dry-run") { Description = "Only show how the store becomes a collection" };
        var collection = Named("--collection", "The collection's name (default: the store's)", "NAME");
        var json = CommonOptions.Json();
        var database = new DatabaseArguments();
        var model = new ModelArguments(complete: false);
        var command = new Command("import", "Move in from Qdrant, Chroma, LanceDB, pgvector or sqlite-vec; the mapping is shown first")
        {
            path,
            from,
            table,
            columns,
            join,
            collection,
            key,
            fields,
            renames,
            skip,
            text,
            metric,
            embed,
            sameModel,
            dryRun,
            json,
        };
        database.AddTo(command);
        model.AddTo(command);
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                var settings = SettingsLoader.Load();
                var embedded = parsed.GetValue(embed);
                if (embedded is not null && parsed.GetValue(sameModel))
                    throw new HostException("--embed makes vectors anew, --same-model keeps those that are there: take one of them.");
                var store = new StoreOptions
                {
                    Kind = parsed.GetValue(from) is { } kind ? Kinds[kind] : null,
                    Table = parsed.GetValue(table),
                    Columns = parsed.GetValue(columns)?.Split(',', StringSplitOptions.TrimEntries) ?? [],
                    Join = parsed.GetValue(join),
                };
                var mapping = new MappingOptions
                {
                    Collection = parsed.GetValue(collection),
                    Key = parsed.GetValue(key),
                    Types = (parsed.GetValue(fields) ?? [])
                        .Select(FieldArgument.Parse)
                        .ToDictionary(field => field.Name, field => field.Type),
                    Names = (parsed.GetValue(renames) ?? []).Select(Rename).ToDictionary(),
                    Skip = parsed.GetValue(skip) ?? [],
                    FullText = parsed.GetValue(text) is { Length: > 0 } chosen ? chosen : null,
                    Metric = parsed.GetValue(metric) is { } name ? Metrics[name] : null,
                    Embed = embedded,
                };
                var plan = new ImportPlan(
                    parsed.GetRequiredValue(path),
                    store,
                    mapping,
                    parsed.GetValue(dryRun),
                    parsed.GetValue(json),
                    database.Resolve(parsed, settings),
                    embedded is not null || parsed.GetValue(sameModel) ? model.Resolve(parsed, settings) : null
                );
                return new ImportCommand(console).RunAsync(plan, cancellationToken);
            }
        );
        return command;
    }

    private static Option<string?> Named(string name, string description, string help) =>
        new(name) { Description = description, HelpName = help };

    private static Option<string[]> Several(string name, string description, string help) =>
        new(name) { Description = description, HelpName = help };

    private static KeyValuePair<string, string> Rename(string text) =>
        text.Split('=') is [{ Length: > 0 } column, { Length: > 0 } name]
            ? new(column, name)
            : throw new HostException($"--rename takes COLUMN=NAME, not '{text}'.");
}
