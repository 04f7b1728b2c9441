using System.Diagnostics;
using System.Globalization;
using SearchEngine.Cli.Databases;
using SearchEngine.Cli.Output;
using SearchEngine.Embeddings;
using SearchEngine.Hosting;
using SearchEngine.Ingestion;
using SearchEngine.Vectors;

namespace SearchEngine.Cli.Commands.Search;

/// <summary>Runs a search and writes its hits.</summary>
internal sealed class SearchCommand(CliConsole console)
{
    /// <summary>Passages looked at for each document wanted, when hits are grouped; where they are of fewer documents, more are.</summary>
    private const int PassagesPerDocument = 8;

    /// <summary>Passages looked at for a page of documents at most.</summary>
    private const int MaxPassages = 100_000;

    public async Task<int> RunAsync(SearchPlan plan, CancellationToken cancellationToken)
    {
        DatabaseSession.RequireDatabase(plan.Database);
        using var model = plan.Model is null ? null : LoadedModel.Load(plan.Model);
        using var reranker = LoadedReranker.Load(plan.Reranker, model);
        await using var database = await DatabaseSession.OpenExistingAsync(plan.Database, model?.ToEmbedder(), cancellationToken);
        var collection = await DatabaseSession.OpenCollectionAsync(database, plan.Database, plan.Collection, cancellationToken);

        var catalog = await DocumentCatalog.OpenAsync(collection, cancellationToken);
        var request = RequestOf(plan, collection, await plan.Scope.ToFilterAsync(collection.Schema, catalog, cancellationToken)) with
        {
            FarthestAnswer = FarthestOf(model, collection.Schema),
            Rerank = reranker is null ? null : plan.Rerank with { Reranker = reranker.Reranker },
        };
        var watch = Stopwatch.StartNew();
        var results = await collection.FindAsync(request, cancellationToken);
        while (plan.Group && NeedsMore(plan, results.Hits, request.Top))
        {
            request = request with { Top = Math.Min(request.Top * 4, MaxPassages) };
            results = await collection.FindAsync(request, cancellationToken);
        }

        watch.Stop();
        var hits = await ArrangeAsync(plan, results.Hits, catalog, cancellationToken);

        if (plan.AsJson)
            SearchJson.Write(console, SearchReport.Of(plan, results, hits, watch.Elapsed));
        else
            Write(results, hits, plan);
        if (plan.Open is { } number)
            Open(hits, number - plan.Skip);
        if (hits.Count > 0)
            return ExitCode.Success;
        var near = request
            is {
                FarthestAnswer: not null,
                MaximumDistance: null,
                MinimumScore: null,
                Filter: null,
                Mode: SearchMode.Hybrid,
                VectorQueries.Count: 0
            }
            ? ": no record has a word of it or is near in meaning (--max-distance 2 shows those that are least far)"
            : string.Empty;
        console.WriteDiagnostic(
            $"nothing found for '{plan.Query}' in collection '{plan.Collection}' ({Format.Count(await collection.CountAsync(null, cancellationToken), "record")}){near}"
        );
        return ExitCode.Partial;
    }

    /// <summary>The distance within which the model finds answers, where it is known; other metrics have other scales.</summary>
    private static float? FarthestOf(LoadedModel? model, CollectionSchema schema) =>
        (ChunkFields.VectorFieldOf(schema) is { } name ? schema.FindVector(name) : schema.Vectors.FirstOrDefault())
            is { Metric: DistanceMetric.Cosine }
        && model?.Generator.GetService(typeof(double), HybridRecord.FarthestAnswerKey) is double farthest
            ? (float)farthest
            : null;

    /// <summary>Whether a few documents fill the hits, and there may be others behind them.</summary>
    private static bool NeedsMore(SearchPlan plan, IReadOnlyList<SearchHit> hits, int asked) =>
        hits.Count == asked && asked < MaxPassages && hits.Select(DocumentOf).Distinct().Count() < plan.Top + plan.Skip;

    private void Write(SearchResults results, IReadOnlyList<GroupedHit> hits, SearchPlan plan)
    {
        foreach (var word in results.Correction?.Words ?? [])
        {
            console.WriteDiagnostic(
                $"no match for '{word.Written}': searched for '{word.Corrected}' (--as-typed searches for what was typed)"
            );
        }
        if (results.Rerank is { } report && report.Read < report.Wanted)
            console.WriteDiagnostic($"{report.Reranker} read {report.Read} of {report.Wanted} passages in its time");
        new HitWriter(console).Write(hits, plan.Skip, plan.Explain);
        if (results.Verdict is { } verdict)
            console.Out.WriteLine($"{(hits.Count > 0 ? Environment.NewLine : string.Empty)}{plan.Ordering.WhyNot}: {verdict.Reason}");
        if (results.Total is { } total)
            console.Out.WriteLine($"{Environment.NewLine}{total} in total");
        foreach (var facet in results.Facets)
        {
            console.Out.WriteLine($"{Environment.NewLine}{facet.Field} ({Format.Count(facet.Distinct, "value")}, {facet.Missing} without)");
            foreach (var value in facet.Values)
                console.Out.WriteLine($"{value.Count, 8}  {string.Create(CultureInfo.InvariantCulture, $"{value.Value}")}");
        }
    }

    private static SearchRequest RequestOf(SearchPlan plan, ISearchCollection collection, DocumentFilter? filter)
    {
        var vectorField = ChunkFields.VectorFieldOf(collection.Schema);
        return new SearchRequest
        {
            Text = plan.Query,
            Mode = plan.Mode,
            Top = plan.Group ? (plan.Top + plan.Skip) * PassagesPerDocument : plan.Top,
            Skip = plan.Group ? 0 : plan.Skip,
            Filter = filter,
            MinimumScore = plan.MinimumScore,
            MaximumDistance = plan.MaximumDistance,
            Syntax = plan.Syntax,
            CorrectSpelling = plan.CorrectSpelling,
            Facets = [.. plan.Extras.Facets.Select(field => new FacetRequest(field))],
            CountTotal = plan.Extras.Total,
            Sort = plan.Extras.Sort,
            GroupBy = plan.Extras.GroupBy,
            GroupSize = plan.Extras.GroupSize,
            Ef = plan.Settings.Ef,
            Fusion = plan.Settings.ToFusion(),
            Explain = plan.Explain,
            VectorField = plan.Mode == SearchMode.Keyword || plan.Ordering.Vectors.Count > 0 ? null : vectorField,
            VectorQueries = plan.Ordering.Vectors,
            Boosts = plan.Ordering.Boosts,
            ExplainKey = plan.Ordering.WhyNot is { } key ? OrderingPlan.ReadKey(key, collection.Schema) : default(RecordKey?),
            Diversity = plan.Ordering.Diversity is { } diversity
                ? diversity with
                {
                    VectorField = plan.Ordering.Vectors is [var first, ..] ? first.Field : vectorField,
                }
                : null,
            SnippetField = ChunkFields.SnippetFieldOf(collection.Schema),
            SnippetLength = plan.Settings.SnippetLength,
        };
    }

    private static async Task<IReadOnlyList<GroupedHit>> ArrangeAsync(
        SearchPlan plan,
        IReadOnlyList<SearchHit> hits,
        DocumentCatalog catalog,
        CancellationToken cancellationToken
    )
    {
        var groups = plan.Group
            ? hits.GroupBy(DocumentOf).Select(g => (Hit: g.First(), More: g.Count() - 1)).Skip(plan.Skip).Take(plan.Top)
            : hits.Select(hit => (Hit: hit, More: 0));
        var arranged = new List<GroupedHit>();
        foreach (var (hit, more) in groups)
        {
            var source = ChunkFields.TextOf(hit.Document, ChunkFields.Source);
            var copies = source is null ? [] : await catalog.CopiesOfAsync(source, cancellationToken);
            arranged.Add(new GroupedHit(hit, more, source is null ? null : catalog.PathOf(source), [.. copies.Select(catalog.PathOf)]));
        }

        return arranged;
    }

    private static string DocumentOf(SearchHit hit) =>
        ChunkFields.TextOf(hit.Document, ChunkFields.Source) + "!" + ChunkFields.TextOf(hit.Document, IngestionSchema.DocumentField);

    private static void Open(IReadOnlyList<GroupedHit> hits, int number)
    {
        if (number < 1 || number > hits.Count || hits[number - 1].Path is not { } path || !File.Exists(path))
            throw new HostException(hits.Count == 0 ? "There is no hit to open." : $"There is no file to open for hit {number}.");
        try
        {
            using var process = Process.Start(new ProcessStartInfo(path) { UseShellExecute = true });
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new HostException($"There is no program here to open {path} with: {exception.Message}", exception);
        }
    }
}
