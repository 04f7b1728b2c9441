using SearchEngine.Lexical;
using SearchEngine.Vectors;

namespace SearchEngine;

/// <summary>A request checked against a schema: which rankers run, on what, and how deep.</summary>
/// <param name="Request">The request.</param>
/// <param name="Vectors">The vectors it goes by; none where the vector ranker does not run.</param>
/// <param name="Keyword">The keyword query; null where the keyword ranker does not run.</param>
/// <param name="SnippetQuery">What snippets mark; null where the request holds no words.</param>
/// <param name="Fusion">How a hybrid search makes one ranking of two.</param>
/// <param name="FirstDepth">Candidates per ranker from which the first hits are fused; see <see cref="Depths"/>.</param>
/// <param name="Depth">Candidates per ranker that this page takes.</param>
internal sealed record SearchPlan(
    SearchRequest Request,
    IReadOnlyList<VectorTarget> Vectors,
    LexicalQuery? Keyword,
    LexicalQuery? SnippetQuery,
    FusionRule Fusion,
    int FirstDepth,
    int Depth
)
{
    /// <summary>The most hits one request may ask for: larger reads belong to a query by filter.</summary>
    public const int MaxHits = 100_000;

    /// <summary>Candidates looked at for each hit of a group: the rest belong to groups further behind.</summary>
    private const int CandidatesPerGroupedHit = 4;

    /// <summary>Times that a grouped search looks four times as deep where it has found too few groups.</summary>
    private const int MostDeepenings = 3;

    /// <summary>The candidates at which it goes no deeper.</summary>
    public const int DeepestForGroups = 16_384;

    /// <summary>The vector field searched, the first where there are several; null where the vector ranker does not run.</summary>
    public VectorField? Vector => Vectors.Count == 0 ? null : Vectors[0].Field;

    /// <summary>Whether several vectors make one ranking (<see cref="Reading.JointRanking"/>), whose scores go from 0 to 1.</summary>
    public bool IsJoint => Vectors.Count > 1;

    /// <summary>The metric of the vector ranking's distances.</summary>
    public DistanceMetric Metric => IsJoint ? DistanceMetric.Cosine : Vectors[0].Field.Metric;

    /// <summary>The vector field by which hits are kept apart; null where that is not asked for.</summary>
    public VectorField? DiversityField { get; init; }

    /// <summary>The moment that boosts by recency take for now.</summary>
    public DateTimeOffset Now { get; } = DateTimeOffset.UtcNow;

    /// <summary>Whether candidates of one ranker are scored by the other too.</summary>
    public bool ScoresUnion => Request.Mode == SearchMode.Hybrid && Vector is not null && Fusion.Method == FusionMethod.RelativeScore;

    /// <summary>Times that it has been made <see cref="Deeper"/>.</summary>
    private int Deepenings { get; init; }

    /// <summary>
    /// The same search with four times as many candidates, for a page that lacks groups; null where it has as many as it may look at.
    /// </summary>
    /// <param name="deepest">The candidates at which it goes no deeper.</param>
    public SearchPlan? Deeper(int deepest = DeepestForGroups)
    {
        if (Deepenings == MostDeepenings || Depth >= deepest)
            return null;
        var depth = Math.Min(deepest, Depths(FirstDepth, Depth * 4).Last());
        return this with { Depth = depth, Keyword = Keyword is null ? null : Keyword with { Top = depth }, Deepenings = Deepenings + 1 };
    }

    /// <summary>Checks a request.</summary>
    /// <exception cref="ArgumentException">The request does not fit; the message names the part.</exception>
    /// <param name="schema">The collection's schema.</param>
    /// <param name="request">The request.</param>
    /// <param name="recordedWeight">The vector's weight as the embedding model gives it; null where it gives none.</param>
    public static SearchPlan Make(CollectionSchema schema, SearchRequest request, double? recordedWeight = null)
    {
        if (request.Top < 1)
            throw new ArgumentException($"Top is {request.Top}: at least 1 hit must be asked for.");
        if (request.Skip < 0)
            throw new ArgumentException($"Skip is {request.Skip}: it must not be negative.");
        if ((long)request.Top + request.Skip > MaxHits)
            throw new ArgumentException($"Top + Skip is {(long)request.Top + request.Skip}: at most {MaxHits}.");
        if (request.Ef < 0)
            throw new ArgumentException($"Ef is {request.Ef}: it must not be negative.");
        if (request.SnippetLength < 1)
            throw new ArgumentException($"SnippetLength is {request.SnippetLength}: it must be at least 1.");
        if (!Enum.IsDefined(request.Mode))
            throw new ArgumentException($"Unknown search mode {request.Mode}.");
        if (!Enum.IsDefined(request.Syntax))
            throw new ArgumentException($"Unknown query syntax {request.Syntax}.");
        if (request.Sort is not null && request.Mode != SearchMode.Keyword)
            throw new ArgumentException("Only a keyword search can be sorted by a field: a search by vector ranks every record.");
        if (request.GroupSize < 1)
            throw new ArgumentException($"GroupSize is {request.GroupSize}: it must be at least 1.");
        if (request.GroupBy is { } group && schema.FindField(group) is not { IsList: false })
        {
            throw new ArgumentException(
                $"'{group}' is no field of collection '{schema.Name}' with one value a record, so nothing is grouped by it."
            );
        }
        OrderingChecks.CheckRerank(request);
        BoostChecks.Check(schema, request);
        if (request.ExplainKey is { } key && key.Kind != schema.KeyKind)
        {
            throw new ArgumentException(
                $"ExplainKey is a key of kind {key.Kind}; collection '{schema.Name}' has keys of kind {schema.KeyKind}."
            );
        }
        foreach (var facet in request.Facets)
        {
            if (facet.Top < 1)
                throw new ArgumentException($"A facet of field '{facet.Field}' asks for {facet.Top} values: at least 1.");
        }

        if (request.Fusion.Depth is < 0 or > MaxHits)
            throw new ArgumentException($"Fusion depth is {request.Fusion.Depth}: 0 (the default) to {MaxHits}.");
        // Before the schema is asked for fields: what is wrong with the request alone is said first.
        _ = FusionRule.Of(request.Fusion, recordedWeight, metric: null);
        if (request.SnippetField is { } snippet && schema.FindField(snippet) is not { Type: DataFieldType.String, IsList: false })
            throw new ArgumentException($"'{snippet}' is no text field of collection '{schema.Name}', so it gives no snippets.");

        var hasWords = request.Text is not null || request.Keywords is { Count: > 0 };
        var wanted = Wanted(request);
        var vectors = request.Mode == SearchMode.Keyword ? [] : VectorTarget.Of(schema, request);
        var isJoint = vectors.Count > 1;
        var first =
            request.Mode == SearchMode.Hybrid || isJoint
                ? request.Fusion.Depth > 0
                    ? request.Fusion.Depth
                    : SearchDefaults.FusionDepth
                : wanted;
        var depth = Depths(first, wanted).Last();
        var words = hasWords
            ? WordsOf(schema, request.Text, request.Keywords, request.Syntax) with
            {
                Fields = TextFields(schema, request),
                Top = depth,
            }
            : null;
        // Without a query there is nothing to rank by, but records to count, and to list in the order of a field.
        var isListing = request is { Mode: SearchMode.Keyword, Text: null, Keywords: null, Vector: null } && NeedsMatches(request);
        if (request.Mode != SearchMode.Vector && !isListing)
        {
            var withoutWords = request is { Mode: SearchMode.Hybrid, Keywords.Count: 0 };
            if (words is null && !withoutWords)
                throw new ArgumentException($"A {request.Mode.ToString().ToLowerInvariant()} search needs a text or keywords.");
            if (!schema.Fields.Any(f => f.IsFullText))
                throw new ArgumentException($"Collection '{schema.Name}' has no full-text field: only vector search is possible.");
        }

        var fusion = FusionRule.Of(request.Fusion, recordedWeight, vectors.Count == 0 ? null : vectors[0].Field.Metric);
        return new SearchPlan(
            request,
            vectors,
            request.Mode == SearchMode.Vector ? null : words,
            schema.Fields.Any(f => f.IsFullText) ? words : null,
            isJoint ? fusion with { LeastVectorScore = 0, FollowsQuery = false } : fusion,
            first,
            depth
        )
        {
            DiversityField = OrderingChecks.DiversityField(schema, request, vectors.Count == 0 ? null : vectors[0].Field),
        };
    }

    /// <summary>
    /// The depths from which a hybrid search is fused, so that the first hits do not depend on how many are asked for: the first
    /// <paramref name="first"/> hits come of as many candidates of each ranker, those behind them of twice as many, and so on.
    /// </summary>
    public static IEnumerable<int> Depths(int first, int wanted)
    {
        for (var depth = (long)first; ; depth *= 2)
        {
            yield return (int)Math.Min(depth, MaxHits);
            if (depth >= wanted)
                yield break;
        }
    }

    /// <summary>
    /// Candidates that a page is made of: its hits, those it is grouped from, those that a reranker reads, that boosts reach,
    /// that are kept apart, or among which a record is looked for.
    /// </summary>
    public static int Wanted(SearchRequest request)
    {
        var wanted = (long)request.Top + request.Skip;
        if (request.GroupBy is not null)
            wanted *= request.GroupSize * CandidatesPerGroupedHit;
        wanted = Math.Max(wanted, BoostWindow(request));
        wanted = Math.Max(wanted, request.ExplainKey is null ? 0 : SearchDefaults.VerdictReach);
        wanted = Math.Max(wanted, request.Rerank?.Candidates ?? 0);
        return (int)Math.Min(MaxHits, Math.Max(wanted, request.Diversity?.Candidates ?? 0));
    }

    /// <summary>
    /// Candidates that boosts reach; 0 without boosts. All that a reranker reads are among them: what it has not read stays behind.
    /// </summary>
    public static int BoostWindow(SearchRequest request) =>
        request.Boosts.Count == 0 ? 0 : Math.Max(request.BoostCandidates, request.Rerank?.Candidates ?? 0);

    /// <summary>Whether the whole set of matching records is asked for, and not the best of them alone.</summary>
    public static bool NeedsMatches(SearchRequest request) => request.CountTotal || request.Facets.Count > 0 || request.Sort is not null;

    /// <summary>The words of a search as the keyword index takes them: keywords where there are any, else the text.</summary>
    public static LexicalQuery WordsOf(CollectionSchema schema, string? text, IReadOnlyList<string>? keywords, QuerySyntax syntax) =>
        new()
        {
            Text = keywords is { Count: > 0 } ? null : text,
            Keywords = keywords,
            Syntax = syntax == QuerySyntax.Operators ? LexicalSyntax.Operators : LexicalSyntax.Words,
            ReadValue = (name, value) => LexicalMapping.Value(FieldText.Read(schema.FindField(name)!, value))!,
        };

    /// <summary>Checks the vectors that the search brings.</summary>
    /// <exception cref="ArgumentException">One is not as its field's are.</exception>
    public void CheckVectors()
    {
        foreach (var target in Vectors)
        {
            if (target.Vector is { } given)
                VectorFieldIndex.Validate(target.Field, given.Span, "the query");
        }
    }

    private static IReadOnlyList<string>? TextFields(CollectionSchema schema, SearchRequest request)
    {
        if (request.TextFields is null)
            return null;
        if (request.TextFields.Count == 0)
            throw new ArgumentException("TextFields is empty: name at least one field, or leave it null for all.");
        foreach (var name in request.TextFields)
        {
            if (schema.FindField(name) is not { IsFullText: true })
                throw new ArgumentException($"'{name}' is no full-text field of collection '{schema.Name}'.");
        }

        return request.TextFields;
    }
}
