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
        var query = new Argument<string[]>("QUERY")
        {
            Description = "What to look for; several words need no quotes",
            Arity = ArgumentArity.OneOrMore,
        };
        var collection = CommonOptions.Collection();
        var top = Choices.Number("-k", "Hits at most (default: 10)", minimum: 1, aliases: "--top");
        var mode = Choices.Mode();
        var skip = Choices.Number("--skip", "Hits to pass over first", minimum: 0);
        var group = new Option<bool>("--group") { Description = "Group by document: each once, with its best passage" };
        var least = new Option<double?>("--min-score") { Description = "Only hits of at least this score", HelpName = "SCORE" };
        var farthest = new Option<float?>("--max-distance")
        {
            Description = "By meaning, only records as near as this; by words, all (cosine distance, for instance 0.6)",
            HelpName = "DISTANCE",
        };
        var open = new Option<int?>("--open")
        {
            Description = "Open the file of the first hit, or of hit N, in its program",
            HelpName = "N",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var paths = new Option<string[]>("--path")
        {
            Description = "Only files that match a name, path or glob; may be repeated",
            HelpName = "GLOB",
        };
        var types = new Option<string[]>("--type") { Description = "Only files of a kind (md, pdf, …); may be repeated", HelpName = "EXT" };
        var since = new Option<string?>("--since") { Description = "Only files written since a date", HelpName = "DATE" };
        var where = new Option<string?>("--where")
        {
            Description = "Only records whose fields fit: 'year >= 2020 and not type = pdf'",
            HelpName = "EXPRESSION",
        };
        var explain = new Option<bool>("--explain") { Description = "Show each ranker's rank and score" };
        var syntax = Choices.Of(
            "--query-syntax",
            "Read the query as words (default), or as operators: \"phrase\" +must -not AND OR NOT field:word",
            "words",
            "operators"
        );
        var asTyped = new Option<bool>("--as-typed") { Description = "Do not correct words that match nothing" };
        var facets = new Option<string[]>("--facet")
        {
            Description = "Count a filterable field's values over all matches; may be given several times",
            HelpName = "FIELD",
        };
        var total = new Option<bool>("--total") { Description = "Count all matches" };
        var sort = new Option<string?>("--sort")
        {
            Description = "Order a keyword search by a filterable field: FIELD or FIELD:desc",
            HelpName = "FIELD",
        };
        var groupBy = new Option<string?>("--group-by")
        {
            Description = "Put hits of the same value of a field together; -k counts groups",
            HelpName = "FIELD",
        };
        var groupSize = Choices.Number("--group-size", "Hits of a group at most (default: 1)", minimum: 1);
        var reranking = new RerankArguments();
        var ordering = new OrderingArguments();
        var json = CommonOptions.Json();
        var database = new DatabaseArguments(canReadOnly: true);
        var model = new ModelArguments(complete: false);

        var command = new Command("search", "Search a collection")
        {
            query,
            collection,
            top,
            skip,
            mode,
            paths,
            types,
            since,
            where,
            group,
            least,
            farthest,
            open,
            syntax,
            asTyped,
            facets,
            total,
            sort,
            groupBy,
            groupSize,
            explain,
            json,
        };
        reranking.AddTo(command);
        ordering.AddTo(command);
        database.AddTo(command);
        model.AddTo(command);
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                var settings = SettingsLoader.Load();
                var text = string.Join(' ', parsed.GetValue(query) ?? []).Trim();
                if (text.Length == 0)
                    throw new HostException("The query is empty; give the words to search for.");
                if (parsed.GetValue(group) && parsed.GetValue(groupBy) is not null)
                    throw new HostException("--group groups by document, --group-by by a field: give one of them.");
                var rankers = Choices.ModeOf(parsed.GetValue(mode)) ?? settings.Search.Mode;
                var reranker = reranking.Resolve(parsed, settings);
                var needsModel = rankers != SearchMode.Keyword || reranker?.Model == LoadedReranker.LateInteraction;
                var plan = new SearchPlan(
                    text,
                    parsed.GetValue(collection) ?? settings.Collection,
                    parsed.GetValue(top) ?? settings.Search.Top,
                    rankers,
                    parsed.GetValue(explain),
                    Enum.Parse<QuerySyntax>(parsed.GetValue(syntax) ?? nameof(QuerySyntax.Words), ignoreCase: true),
                    !parsed.GetValue(asTyped),
                    new SearchExtras(
                        parsed.GetValue(facets) ?? [],
                        parsed.GetValue(total),
                        SearchExtras.ReadSort(parsed.GetValue(sort)),
                        parsed.GetValue(groupBy),
                        parsed.GetValue(groupSize) ?? 1
                    ),
                    parsed.GetValue(json),
                    database.Resolve(parsed, settings),
                    needsModel ? model.Resolve(parsed, settings) : null,
                    settings.Search
                )
                {
                    Skip = parsed.GetValue(skip) ?? 0,
                    Group = parsed.GetValue(group),
                    MinimumScore = parsed.GetValue(least),
                    MaximumDistance = parsed.GetValue(farthest),
                    Reranker = reranker,
                    Rerank = reranking.OptionsOf(parsed),
                    Ordering = ordering.Resolve(parsed),
                    Open = parsed.GetResult(open) is null ? null : parsed.GetValue(open) ?? 1,
                    Scope = new SearchScope(
                        parsed.GetValue(paths) ?? [],
                        parsed.GetValue(types) ?? [],
                        parsed.GetValue(since),
                        parsed.GetValue(where)
                    ),
                };
                return new SearchCommand(console).RunAsync(plan, cancellationToken);
            }
        );
        return command;
    }
}
