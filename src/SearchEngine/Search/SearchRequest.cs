namespace SearchEngine;

/// <summary>
/// A search. Immutable; all of it optional but a query (text, keywords or vector). A keyword search that asks for totals, facets or an order
/// by a field needs none: it counts all records that pass the filter, and lists them in that order.
/// </summary>
public sealed record SearchRequest
{
    /// <summary>
    /// The query text: embedded for the vector ranking (unless <see cref="Vector"/> is given) and analyzed for the keyword ranking (unless
    /// <see cref="Keywords"/> is given).
    /// </summary>
    public string? Text { get; init; }

    /// <summary>A query vector in place of an embedded text; its length is the field's dimension.</summary>
    public ReadOnlyMemory<float>? Vector { get; init; }

    /// <summary>
    /// Keywords in place of the analyzed text; any of them may match. An empty list without <see cref="Text"/> leaves a hybrid search its
    /// vector ranking alone, with the scores of the fusion.
    /// </summary>
    public IReadOnlyList<string>? Keywords { get; init; }

    /// <summary>How <see cref="Text"/> is read for the keyword ranking.</summary>
    public QuerySyntax Syntax { get; init; } = QuerySyntax.Words;

    /// <summary>
    /// Whether words of <see cref="Text"/> that match nothing are replaced by the nearest word of the collection, in every mode;
    /// <see cref="SearchResults.Correction"/> says so. Never under <see cref="QuerySyntax.Operators"/>, nor for analyzers before the second
    /// version.
    /// </summary>
    public bool CorrectSpelling { get; init; } = true;

    /// <summary>Which rankers answer.</summary>
    public SearchMode Mode { get; init; } = SearchMode.Hybrid;

    /// <summary>The vector field to search; null where the collection has just one.</summary>
    public string? VectorField { get; init; }

    /// <summary>
    /// Several vectors to go by in one search, in place of <see cref="Vector"/> and <see cref="VectorField"/>: the same text in the vectors
    /// of a title and of a body, a picture and a text, several examples. They make one vector ranking first, by relative scores as hybrid
    /// searches do (a record gets <c>Σ w·(s − least) / (best − least)</c>, weights taken as shares of their sum, 0 for a vector that it has
    /// not), whose scores go from 0 to 1; hybrid searches then fuse it with the keyword ranking as any. Hits have no
    /// <see cref="SearchHit.Distance"/>. A list of one is the same as the vector and field alone. Empty for none; keyword searches pass it
    /// over.
    /// </summary>
    public IReadOnlyList<VectorQuery> VectorQueries { get; init; } = [];

    /// <summary>The full-text fields to search; null for all.</summary>
    public IReadOnlyList<string>? TextFields { get; init; }

    /// <summary>Hits to return, at least 1.</summary>
    public int Top { get; init; } = SearchDefaults.Top;

    /// <summary>Hits to pass over first, at least 0.</summary>
    public int Skip { get; init; }

    /// <summary>Only records that match are ranked; null for all.</summary>
    public DocumentFilter? Filter { get; init; }

    /// <summary>The order of the hits; null for the score's. Keyword searches only: every other search ranks all records.</summary>
    public SortOrder? Sort { get; init; }

    /// <summary>
    /// A field by whose values hits are grouped: the best <see cref="GroupSize"/> hits of a value stand together where its best hit does,
    /// and Top and Skip count groups. A record without a value is a group of its own. Null for none. Where few groups hold the best
    /// candidates, the search looks deeper: up to 64 times as many candidates as at first, 16,384 at most (4,096 of a collection in shards). A
    /// page has fewer groups than there are only where those hold no more, or where a step behind the ranking takes a score below the least.
    /// </summary>
    public string? GroupBy { get; init; }

    /// <summary>
    /// Most hits of a group, at least 1. A group may have fewer than it could where its other records stand far behind: of every grouped hit
    /// that is asked for a few candidates are looked at, not all records.
    /// </summary>
    public int GroupSize { get; init; } = 1;

    /// <summary>Whether <see cref="SearchResults.Total"/> is counted.</summary>
    public bool CountTotal { get; init; }

    /// <summary>What to count over all records that match.</summary>
    public IReadOnlyList<FacetRequest> Facets { get; init; } = [];

    /// <summary>Only hits of at least this <see cref="SearchHit.Score"/>; null for all.</summary>
    public double? MinimumScore { get; init; }

    /// <summary>
    /// Only vector candidates of at most this distance (the metric's own; smaller is better); null for all. Keyword candidates are not
    /// touched.
    /// </summary>
    public float? MaximumDistance { get; init; }

    /// <summary>
    /// Hybrid searches only: where no record holds a word of the query, records are hits by their meaning only if the nearest is within this
    /// distance (the metric's own). What has nothing near is found nothing for, instead of what happens to be least far. Null for never, and
    /// not asked where <see cref="MaximumDistance"/> is given or several vectors are searched.
    /// </summary>
    public float? FarthestAnswer { get; init; }

    /// <summary>Beam width of the graph search; 0 takes the field's.</summary>
    public int Ef { get; init; }

    /// <summary>How the rankings are fused (hybrid only).</summary>
    public FusionOptions Fusion { get; init; } = new();

    /// <summary>How a reranker orders the best candidates anew; null for not at all. Not together with <see cref="Sort"/>.</summary>
    public RerankOptions? Rerank { get; init; }

    /// <summary>
    /// What fields of the records add to their scores, after reranking; empty for nothing. With boosts the score before goes from 0 (the
    /// least that the ranking can give) to 1 (the best candidate). Not together with <see cref="Sort"/>.
    /// </summary>
    public IReadOnlyList<ScoreBoost> Boosts { get; init; } = [];

    /// <summary>
    /// How many of the best candidates <see cref="Boosts"/> reach, at least 1: no boost lifts a record from further behind, so that pages
    /// are slices of one order.
    /// </summary>
    public int BoostCandidates { get; init; } = SearchDefaults.BoostCandidates;

    /// <summary>
    /// How hits that are alike are kept apart, after fusion and reranking, in every mode; null for not at all. Not together with
    /// <see cref="Sort"/>.
    /// </summary>
    public DiversityOptions? Diversity { get; init; }

    /// <summary>
    /// Whether a search of a collection in shards answers without those that cannot be reached (<see cref="SearchResults.MissingShards"/>
    /// names them), in place of failing. A collection in one piece is there or not.
    /// </summary>
    public bool AllowPartial { get; init; }

    /// <summary>Whether hits carry the records' vectors.</summary>
    public bool IncludeVectors { get; init; }

    /// <summary>Whether hits carry an <see cref="SearchHit.Explanation"/>.</summary>
    public bool Explain { get; init; }

    /// <summary>
    /// The key of a record of which <see cref="SearchResults.Verdict"/> says what became of it: which hit it is, or why it is none. Such a
    /// search looks at <see cref="SearchDefaults.VerdictReach"/> candidates at least, and takes longer for it. Null for none.
    /// </summary>
    public RecordKey? ExplainKey { get; init; }

    /// <summary>A text field of which each hit carries a snippet with the matches marked; null for none.</summary>
    public string? SnippetField { get; init; }

    /// <summary>About how many characters a snippet has.</summary>
    public int SnippetLength { get; init; } = SearchDefaults.SnippetLength;
}
