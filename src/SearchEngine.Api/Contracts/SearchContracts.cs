using System.Text.Json;
using System.Text.Json.Serialization;

namespace SearchEngine.Api.Contracts;

/// <summary>The body of POST /collections/{name}/search; docs/api.md says what each member does.</summary>
internal sealed record SearchBody(
    string? Query = null,
    float[]? Vector = null,
    SearchMode? Mode = null,
    int? K = null,
    int Skip = 0,
    JsonElement? Filter = null,
    double? MinimumScore = null,
    bool Explain = false,
    bool Snippets = true,
    QuerySyntax Syntax = QuerySyntax.Words,
    bool CorrectSpelling = true,
    IReadOnlyList<FacetBody>? Facets = null,
    bool Total = false,
    SortOrder? Sort = null,
    string? GroupBy = null,
    int GroupSize = 1,
    IReadOnlyList<string>? Keywords = null,
    string? VectorField = null,
    IReadOnlyList<string>? TextFields = null,
    float? MaximumDistance = null,
    int? Ef = null,
    FusionBody? Fusion = null,
    bool Vectors = false,
    string? SnippetField = null,
    int? SnippetLength = null,
    IReadOnlyList<string>? Fields = null,
    RerankBody? Rerank = null,
    DiversityBody? Diversity = null,
    JsonElement? ExplainKey = null,
    IReadOnlyList<BoostBody>? Boosts = null,
    int? BoostCandidates = null,
    IReadOnlyList<VectorQueryBody>? VectorQueries = null,
    bool AllowPartial = false,
    float? FarthestAnswer = null
);

/// <summary>
/// How the host's reranker orders the best hits anew: how many it reads, its share of the score (0 to 1), the milliseconds it has, and the
/// fields that it reads; what is left out is as docs/search.md says.
/// </summary>
internal sealed record RerankBody(
    int? Candidates = null,
    double? Weight = null,
    int? Milliseconds = null,
    IReadOnlyList<string>? Fields = null
);

/// <summary>
/// How hits that are alike are kept apart: the share of difference (0 to 1), among how many of the best, and by which vector field; what is
/// left out is as docs/search.md says.
/// </summary>
internal sealed record DiversityBody(double? Weight = null, int? Candidates = null, string? VectorField = null);

/// <summary>
/// What a field adds to the score: a field of dates with "halfLifeDays" by how near it is to "origin" (an ISO 8601 time; left out: now), a
/// field of numbers with "pivot" by its number.
/// </summary>
internal sealed record BoostBody(
    string Field,
    double Weight,
    double? HalfLifeDays = null,
    DecayFunction? Decay = null,
    DateTimeOffset? Origin = null,
    double? OffsetDays = null,
    double? Pivot = null,
    NumericFunction? Function = null
);

/// <summary>
/// One of several vectors to go by: a field with a vector, a text of its own or the query's, and its weight beside the others.
/// </summary>
internal sealed record VectorQueryBody(string Field, float[]? Vector = null, string? Text = null, double Weight = 1);

/// <summary>How the two rankings become one; what is left out is as the host's settings have it.</summary>
internal sealed record FusionBody(
    FusionMethod? Method = null,
    int? RankConstant = null,
    double? VectorWeight = null,
    double? KeywordWeight = null,
    int? Depth = null,
    double? StartingWeight = null
);

/// <summary>A field to count over all records that match: its most frequent values, or ranges between ascending borders.</summary>
internal sealed record FacetBody(string Field, int Top = 10, IReadOnlyList<JsonElement>? Borders = null);

/// <summary>The body of POST /collections/{name}/facets: counts over all documents that pass the filter.</summary>
internal sealed record FacetsBody(IReadOnlyList<FacetBody> Facets, JsonElement? Filter = null, bool AllowPartial = false);

/// <summary>The reply of POST /collections/{name}/facets; the missing shards as in a search.</summary>
internal sealed record FacetsReply(long Total, IReadOnlyList<Facet> Facets, IReadOnlyList<int>? MissingShards = null);

/// <summary>The body of POST /collections/{name}/search/batch.</summary>
internal sealed record SearchBatchBody(IReadOnlyList<SearchBody> Searches);

/// <summary>The replies of POST /collections/{name}/search/batch, in the order of the searches.</summary>
internal sealed record SearchBatchReply(IReadOnlyList<SearchReply> Results);

/// <summary>
/// The body of POST /collections/{name}/recommend: documents like some and unlike others, by their keys; what a search takes besides a
/// query goes into "search".
/// </summary>
internal sealed record RecommendBody(
    IReadOnlyList<JsonElement> Like,
    IReadOnlyList<JsonElement>? Dislike = null,
    SearchBody? Search = null
);

/// <summary>
/// The reply of a search; hits best first. The correction says what was searched for in place of words that match nothing. The missing
/// shards are those of a cluster's collection that no replica answered for, where partial answers were allowed: hits, totals and facets are
/// of the others.
/// </summary>
internal sealed record SearchReply(
    SearchMode Mode,
    double Seconds,
    IReadOnlyList<HitReply> Hits,
    SpellingCorrection? Correction = null,
    long? Total = null,
    IReadOnlyList<Facet>? Facets = null,
    RerankReport? Rerank = null,
    SearchVerdict? Verdict = null,
    IReadOnlyList<int>? MissingShards = null
);

/// <summary>The reply of GET /collections/{name}/suggest.</summary>
internal sealed record SuggestReply(IReadOnlyList<Suggestion> Suggestions);

/// <summary>One hit.</summary>
internal sealed record HitReply(
    int Rank,
    double Score,
    object Key,
    string Version,
    IReadOnlyDictionary<string, object?> Fields,
    Snippet? Snippet,
    SearchExplanation? Explanation,
    float? Distance = null,
    object? Group = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, float[]>? Vectors = null
);
