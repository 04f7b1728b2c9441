using SearchEngine.Cli.Databases;

namespace SearchEngine.Cli.Commands.Search;

/// <summary>The JSON of <c>search --json</c>.</summary>
internal sealed record SearchReport(
    string Query,
    string Collection,
    SearchMode Mode,
    int K,
    double Seconds,
    IReadOnlyList<SearchReport.Hit> Hits,
    SpellingCorrection? Correction,
    long? Total,
    IReadOnlyList<Facet>? Facets,
    RerankReport? Rerank,
    SearchVerdict? Verdict
)
{
    public static SearchReport Of(SearchPlan plan, SearchResults results, IReadOnlyList<GroupedHit> hits, TimeSpan elapsed) =>
        new(
            plan.Query,
            plan.Collection,
            plan.Mode,
            plan.Top,
            elapsed.TotalSeconds,
            [.. hits.Select((hit, index) => Hit.Of(hit, plan.Skip + index + 1))],
            results.Correction,
            results.Total,
            results.Facets.Count == 0 ? null : results.Facets,
            results.Rerank,
            results.Verdict
        );

    internal sealed record Hit(
        int Rank,
        double Score,
        object Key,
        string? Title,
        string? Source,
        string? Heading,
        int? Page,
        string? Text,
        Passage? Snippet,
        SearchExplanation? Explanation,
        string? Path,
        int? Line,
        int MorePassages,
        IReadOnlyList<string> Copies,
        object? Group
    )
    {
        public static Hit Of(GroupedHit grouped, int rank) => Of(grouped, grouped.Hit, rank);

        private static Hit Of(GroupedHit grouped, SearchHit hit, int rank) =>
            new(
                rank,
                hit.Score,
                hit.Key.Value,
                ChunkFields.TextOf(hit.Document, ChunkFields.Title),
                ChunkFields.TextOf(hit.Document, ChunkFields.Source),
                ChunkFields.TextOf(hit.Document, ChunkFields.Heading),
                ChunkFields.PageOf(hit.Document),
                ChunkFields.TextOf(hit.Document, ChunkFields.Text),
                hit.Snippet is { } snippet ? new Passage(snippet.Text, snippet.Matches) : null,
                hit.Explanation,
                grouped.Path,
                ChunkFields.NumberOf(hit.Document, ChunkFields.Line),
                grouped.MorePassages,
                grouped.Copies,
                hit.Group
            );
    }

    internal sealed record Passage(string Text, IReadOnlyList<TextSpan> Matches);
}
