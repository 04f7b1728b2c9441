using System.Diagnostics;
using SearchEngine.Api.Contracts;
using SearchEngine.Api.Requests;
using SearchEngine.Api.Security;
using SearchEngine.Api.Serving;

namespace SearchEngine.Api.Endpoints;

/// <summary>Searching: one search, several at once, recommendations, completions; and the schema of filters.</summary>
internal static class SearchEndpoints
{
    private const int DefaultSuggestions = 8;

    public static void Map(WebApplication application)
    {
        var group = application.MapGroup("/collections/{name}");
        group.MapGet("/suggest", SuggestAsync).Needs(Access.Read).WithSummary("Complete what is being typed");
        group.MapPost("/search", SearchAsync).Needs(Access.Read).WithSummary("Search by text, by vector, or both");
        group.MapPost("/search/batch", SearchManyAsync).Needs(Access.Read).WithSummary("Several searches in one request");
        group.MapPost("/recommend", RecommendAsync).Needs(Access.Read).WithSummary("Documents like some and unlike others");
        application
            .MapGet("/schemas/filter.json", () => Results.Text(DocumentFilterJson.JsonSchema, "application/schema+json"))
            .IsOpen()
            .WithSummary("The JSON schema of filters");
    }

    private static async Task<SuggestReply> SuggestAsync(
        string name,
        string text,
        int? top,
        OpenedDatabase database,
        Caller caller,
        CancellationToken cancellationToken
    )
    {
        var collection = await database.GetAsync(name, caller, cancellationToken);
        return new SuggestReply(await collection.SuggestAsync(text, top ?? DefaultSuggestions, cancellationToken));
    }

    private static async Task<SearchReply> SearchAsync(
        string name,
        SearchBody body,
        OpenedDatabase database,
        RequestReader reader,
        Caller caller,
        CancellationToken cancellationToken
    )
    {
        var collection = await database.GetAsync(name, caller, cancellationToken);
        return await RunAsync(collection, body, reader, cancellationToken);
    }

    private static async Task<SearchBatchReply> SearchManyAsync(
        string name,
        SearchBatchBody body,
        OpenedDatabase database,
        RequestReader reader,
        Caller caller,
        CancellationToken cancellationToken
    )
    {
        if (body.Searches.Count > SearchLimits.MaxSearches)
            throw new ArgumentException($"A batch has at most {SearchLimits.MaxSearches} searches, not {body.Searches.Count}.");
        var collection = await database.GetAsync(name, caller, cancellationToken);
        var replies = new SearchReply[body.Searches.Count];
        await Parallel.ForAsync(
            0,
            replies.Length,
            new ParallelOptions { MaxDegreeOfParallelism = SearchLimits.SearchesAtATime, CancellationToken = cancellationToken },
            async (i, token) =>
            {
                try
                {
                    replies[i] = await RunAsync(collection, body.Searches[i], reader, token);
                }
                catch (ArgumentException e)
                {
                    throw new ArgumentException($"Search {i}: {e.Message}", e);
                }
            }
        );
        return new SearchBatchReply(replies);
    }

    private static async Task<SearchReply> RecommendAsync(
        string name,
        RecommendBody body,
        OpenedDatabase database,
        RequestReader reader,
        Caller caller,
        CancellationToken cancellationToken
    )
    {
        var collection = await database.GetAsync(name, caller, cancellationToken);
        var search = body.Search ?? new SearchBody();
        var request = new RecommendRequest
        {
            Liked = RequestReader.ReadKeys(body.Like, collection.Schema),
            Disliked = RequestReader.ReadKeys(body.Dislike ?? [], collection.Schema),
            Search = reader.ReadOptions(search, collection.Schema),
        };
        var watch = Stopwatch.StartNew();
        var results = await collection.RecommendAsync(request, cancellationToken);
        return ReplyOf(results, SearchMode.Vector, watch.Elapsed, search, collection.Schema);
    }

    private static async Task<SearchReply> RunAsync(
        ISearchCollection collection,
        SearchBody body,
        RequestReader reader,
        CancellationToken cancellationToken
    )
    {
        var request = reader.ReadSearch(body, collection.Schema);
        var watch = Stopwatch.StartNew();
        var results = await collection.FindAsync(request, cancellationToken);
        return ReplyOf(results, request.Mode, watch.Elapsed, body, collection.Schema);
    }

    private static SearchReply ReplyOf(
        SearchResults results,
        SearchMode mode,
        TimeSpan elapsed,
        SearchBody body,
        CollectionSchema schema
    ) =>
        new(
            mode,
            elapsed.TotalSeconds,
            [
                .. results.Hits.Select(
                    (hit, index) =>
                        new HitReply(
                            body.Skip + index + 1,
                            hit.Score,
                            hit.Key.Value,
                            hit.Document.Version.ToString(),
                            DocumentReply.FieldsOf(hit.Document, schema, body.Fields),
                            hit.Snippet,
                            hit.Explanation,
                            hit.Distance,
                            hit.Group,
                            hit.Document.Vectors.Count == 0 ? null : DocumentReply.VectorsOf(hit.Document)
                        )
                ),
            ],
            results.Correction,
            results.Total,
            results.Facets.Count == 0 ? null : results.Facets,
            results.Rerank,
            results.Verdict,
            MissingOf(results)
        );

    /// <summary>The shards that no replica answered for; null where there is none.</summary>
    internal static IReadOnlyList<int>? MissingOf(SearchResults results) => results.MissingShards.Count == 0 ? null : results.MissingShards;
}
