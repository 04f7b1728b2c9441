using System.Diagnostics;
using SearchEngine.Hosting;

namespace SearchEngine.Api;

/// <summary>POST /collections/{name}/search and GET /collections/{name}/suggest.</summary>
internal static class SearchEndpoint
{
    private const int DefaultSuggestions = 8;

    public static void Map(WebApplication application)
    {
        application.MapGet("/collections/{name}/suggest", SuggestAsync).WithSummary("Complete what is being typed");
        application
            .MapPost("/collections/{name}/search", SearchAsync)
            .RequireRateLimiting(ApiHost.WorkPolicy)
            .WithSummary("Search by text, by vector, or both");
    }

    private static async Task<SuggestReply> SuggestAsync(
        string name,
        string text,
        int? top,
        OpenedDatabase database,
        CancellationToken cancellationToken
    )
    {
        var collection = await database.GetAsync(name, cancellationToken);
        return new SuggestReply(await collection.SuggestAsync(text, top ?? DefaultSuggestions, cancellationToken));
    }

    private static async Task<SearchReply> SearchAsync(
        string name,
        SearchBody body,
        OpenedDatabase database,
        Settings settings,
        CancellationToken cancellationToken
    )
    {
        ISearchCollection collection = await database.GetAsync(name, cancellationToken);
        var request = RequestOf(body, settings, collection.Schema);
        var watch = Stopwatch.StartNew();
        var results = await collection.FindAsync(request, cancellationToken);
        return new SearchReply(
            request.Mode,
            watch.Elapsed.TotalSeconds,
            [
                .. results.Hits.Select(
                    (hit, index) =>
                        new HitReply(
                            request.Skip + index + 1,
                            hit.Score,
                            hit.Key.Value,
                            hit.Document.Fields,
                            hit.Snippet,
                            hit.Explanation,
                            hit.Group
                        )
                ),
            ],
            results.Correction,
            results.Total,
            results.Facets.Count == 0 ? null : results.Facets
        );
    }

    private static SearchRequest RequestOf(SearchBody body, Settings settings, CollectionSchema schema)
    {
        if (string.IsNullOrWhiteSpace(body.Query) && body.Vector is null)
            throw new ArgumentException("A search needs a query, a vector, or both.");
        var top = body.K ?? settings.Search.Top;
        if (top < 1 || top > settings.Api.MaxTop)
            throw new ArgumentException($"k is from 1 to {settings.Api.MaxTop}, not {top}.");
        if (body.Skip < 0)
            throw new ArgumentException($"skip is at least 0, not {body.Skip}.");
        return new SearchRequest
        {
            Text = string.IsNullOrWhiteSpace(body.Query) ? null : body.Query,
            // The type is spelt out: null would convert to an empty vector, which is not the same as none.
            Vector = body.Vector is { } vector ? (ReadOnlyMemory<float>?)vector : null,
            Mode = body.Mode ?? (body.Query is null ? SearchMode.Vector : settings.Search.Mode),
            Top = top,
            Skip = body.Skip,
            Filter = FieldValues.ReadFilter(body.Filter, schema),
            MinimumScore = body.MinimumScore,
            Syntax = body.Syntax,
            CorrectSpelling = body.CorrectSpelling,
            Facets = [.. (body.Facets ?? []).Select(facet => FieldValues.ReadFacet(facet, schema))],
            CountTotal = body.Total,
            Sort = body.Sort,
            GroupBy = body.GroupBy,
            GroupSize = body.GroupSize,
            Ef = settings.Search.Ef,
            Fusion = settings.Search.ToFusion(),
            Explain = body.Explain,
            SnippetField =
                body.Snippets && body.Query is not null
                    ? schema.Fields.FirstOrDefault(f => f is { Name: "text" or "content", Type: DataFieldType.String, IsList: false })?.Name
                    : null,
            SnippetLength = settings.Search.SnippetLength,
        };
    }
}
