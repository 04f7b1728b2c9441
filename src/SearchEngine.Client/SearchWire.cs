using System.Text.Json;
using SearchEngine.Api.Contracts;
using static SearchEngine.Client.HttpGateway;

namespace SearchEngine.Client;

/// <summary>Searches and their results as the host's JSON.</summary>
internal sealed class SearchWire(CollectionSchema schema)
{
    public static SearchBody BodyOf(SearchRequest request) =>
        new(
            Query: request.Text,
            Vector: request.Vector?.ToArray(),
            Mode: request.Mode,
            K: request.Top,
            Skip: request.Skip,
            Filter: request.Filter is { } filter ? ElementOf(json => DocumentFilterJson.Write(json, filter)) : null,
            MinimumScore: request.MinimumScore,
            Explain: request.Explain,
            Snippets: request.SnippetField is not null,
            Syntax: request.Syntax,
            CorrectSpelling: request.CorrectSpelling,
            Facets: request.Facets.Count == 0 ? null : [.. request.Facets.Select(FacetOf)],
            Total: request.CountTotal,
            Sort: request.Sort,
            GroupBy: request.GroupBy,
            GroupSize: request.GroupSize,
            Keywords: request.Keywords,
            VectorField: request.VectorField,
            TextFields: request.TextFields,
            MaximumDistance: request.MaximumDistance,
            Ef: request.Ef,
            Fusion: new FusionBody(
                request.Fusion.Method,
                request.Fusion.RankConstant,
                request.Fusion.VectorWeight,
                request.Fusion.KeywordWeight,
                request.Fusion.Depth,
                request.Fusion.StartingWeight
            ),
            Vectors: request.IncludeVectors,
            SnippetField: request.SnippetField,
            SnippetLength: request.SnippetLength,
            Rerank: request.Rerank is not { } rerank ? null
                : rerank.Reranker is not null
                    ? throw new ArgumentException("A host reranks with its own reranker: leave RerankOptions.Reranker null.")
                : new RerankBody(
                    rerank.Candidates,
                    rerank.Weight,
                    rerank.Budget is { } budget ? (int)Math.Max(1, budget.TotalMilliseconds) : null,
                    rerank.Fields
                ),
            Diversity: request.Diversity is { } diversity
                ? new DiversityBody(diversity.Weight, diversity.Candidates, diversity.VectorField)
                : null,
            ExplainKey: request.ExplainKey is { } key ? ElementOf(json => DocumentJson.WriteValue(json, key.Value)) : null,
            Boosts: request.Boosts.Count == 0 ? null : [.. request.Boosts.Select(BoostOf)],
            BoostCandidates: request.Boosts.Count == 0 ? null : request.BoostCandidates,
            VectorQueries: request.VectorQueries.Count == 0 ? null : [.. request.VectorQueries.Select(VectorQueryOf)],
            AllowPartial: request.AllowPartial,
            FarthestAnswer: request.FarthestAnswer
        );

    public SearchResults ResultsOf(JsonElement reply, SearchRequest request) =>
        new([.. reply.GetProperty("hits").EnumerateArray().Select(hit => HitOf(hit, request.GroupBy))])
        {
            Correction = Optional<SpellingCorrection>(reply, "correction"),
            Rerank = Optional<RerankReport>(reply, "rerank"),
            Verdict = Optional<SearchVerdict>(reply, "verdict"),
            MissingShards = Optional<int[]>(reply, "missingShards") ?? [],
            Total = reply.TryGetProperty("total", out var total) && total.ValueKind == JsonValueKind.Number ? total.GetInt64() : null,
            Facets =
                reply.TryGetProperty("facets", out var facets) && facets.ValueKind == JsonValueKind.Array
                    ? [.. facets.EnumerateArray().Select(ReadFacet)]
                    : [],
        };

    private static FacetBody FacetOf(FacetRequest facet) =>
        new(
            facet.Field,
            facet.Top,
            facet.Borders is null ? null : [.. facet.Borders.Select(border => ElementOf(json => DocumentJson.WriteValue(json, border)))]
        );

    private static VectorQueryBody VectorQueryOf(VectorQuery query) => new(query.Field, query.Vector?.ToArray(), query.Text, query.Weight);

    private static BoostBody BoostOf(ScoreBoost boost) =>
        boost switch
        {
            RecencyBoost recency => new(
                recency.Field,
                recency.Weight,
                HalfLifeDays: recency.HalfLife.TotalDays,
                Decay: recency.Decay,
                Origin: recency.Origin,
                OffsetDays: recency.Offset.TotalDays
            ),
            NumericBoost numeric => new(numeric.Field, numeric.Weight, Pivot: numeric.Pivot, Function: numeric.Function),
            _ => throw new ArgumentException($"Unknown boost {boost.GetType().Name}: there are RecencyBoost and NumericBoost."),
        };

    private SearchHit HitOf(JsonElement hit, string? groupBy) =>
        new(DocumentJson.Read(hit, schema), hit.GetProperty("score").GetDouble())
        {
            Distance = hit.TryGetProperty("distance", out var distance) ? distance.Deserialize<float?>(Json) : null,
            Snippet = Optional<Snippet>(hit, "snippet"),
            Explanation = Optional<SearchExplanation>(hit, "explanation"),
            Group =
                groupBy is not null && hit.TryGetProperty("group", out var group)
                    ? DocumentJson.ReadScalar(group, schema.FindField(groupBy)!)
                    : null,
        };

    private Facet ReadFacet(JsonElement facet)
    {
        var name = facet.GetProperty("field").GetString()!;
        var field = schema.FindField(name)!;
        return new Facet(
            name,
            [
                .. facet
                    .GetProperty("values")
                    .EnumerateArray()
                    .Select(value => new FacetValue(
                        DocumentJson.ReadScalar(value.GetProperty("value"), field),
                        value.GetProperty("count").GetInt32(),
                        value.TryGetProperty("upTo", out var upTo) ? DocumentJson.ReadScalar(upTo, field) : null
                    )),
            ],
            facet.GetProperty("distinct").GetInt32(),
            facet.GetProperty("missing").GetInt32()
        );
    }

    private static T? Optional<T>(JsonElement element, string name)
        where T : class => element.TryGetProperty(name, out var value) ? value.Deserialize<T>(Json) : null;
}
