using System.Text.Json;
using SearchEngine.Api.Contracts;
using SearchEngine.Api.Serving;
using SearchEngine.Hosting;

namespace SearchEngine.Api.Requests;

/// <summary>Bodies of requests as the engine's own requests, by the collection's schema.</summary>
internal sealed class RequestReader(Settings settings, OpenedDatabase database)
{
    private static readonly string[] PassageFields = ["text", "content"];

    /// <exception cref="ArgumentException">The number of things asked for is out of range.</exception>
    public int Limit(int? asked, int otherwise, string name)
    {
        var limit = asked ?? otherwise;
        return limit >= 1 && limit <= settings.Api.MaxTop
            ? limit
            : throw new ArgumentException($"{name} is from 1 to {settings.Api.MaxTop}, not {limit}.");
    }

    public static Document ReadDocument(DocumentBody body, CollectionSchema schema) =>
        Fill(
            new Document(DocumentJson.ReadKey(body.Key, schema.KeyKind)),
            new ChangesBody(body.Fields, body.Vectors, body.EmbeddingTexts),
            schema
        );

    /// <summary>Puts fields, vectors and texts into a document.</summary>
    public static Document Fill(Document document, ChangesBody changes, CollectionSchema schema)
    {
        foreach (var (name, value) in changes.Fields ?? new Dictionary<string, JsonElement>())
            document[name] = DocumentJson.Read(value, FieldOf(schema, name));
        foreach (var (name, vector) in changes.Vectors ?? new Dictionary<string, float[]>())
        {
            if (vector is { Length: 0 })
                throw new ArgumentException($"The vector '{name}' is empty; null says that there is none.");
            document.Vectors[name] = vector;
        }

        foreach (var (name, text) in changes.EmbeddingTexts ?? new Dictionary<string, string>())
            document.EmbeddingTexts[name] = text;
        return document;
    }

    public static RecordVersion? ReadVersion(string? version) =>
        version is null ? null
        : RecordVersion.TryParse(version, out var parsed) ? parsed
        : throw new ArgumentException($"'{version}' is no version of a document: a version is a decimal number as a read returned it.");

    public static RecordKey[] ReadKeys(IReadOnlyList<JsonElement> keys, CollectionSchema schema) =>
        [.. keys.Select(key => DocumentJson.ReadKey(key, schema.KeyKind))];

    /// <summary>A filter; null where there is none.</summary>
    public static DocumentFilter? ReadFilter(JsonElement? filter, CollectionSchema schema) =>
        filter is not { } given || given.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined
            ? null
            : DocumentFilterJson.Read(given, schema);

    /// <exception cref="ArgumentException">There are too many keys.</exception>
    public static IReadOnlyList<SortKey> ReadOrder(IReadOnlyList<SortOrder>? order)
    {
        Between(order?.Count ?? 0, 0, SearchLimits.MaxParts, "The number of keys in orderBy");
        return [.. (order ?? []).Select(key => new SortKey(key.Field, key.Descending))];
    }

    /// <exception cref="ArgumentException">There are too many, or one is wrong.</exception>
    public static FacetRequest[] ReadFacets(IReadOnlyList<FacetBody>? facets, CollectionSchema schema)
    {
        Between(facets?.Count ?? 0, 0, SearchLimits.MaxParts, "The number of facets");
        return [.. (facets ?? []).Select(facet => ReadFacet(facet, schema))];
    }

    /// <summary>A search of text, vector or both; of neither where only counting or listing by a field is asked for.</summary>
    public SearchRequest ReadSearch(SearchBody body, CollectionSchema schema)
    {
        var query = string.IsNullOrWhiteSpace(body.Query) ? null : body.Query;
        var isListing =
            body is { Query: null, Vector: null, Keywords: null, VectorQueries: null or { Count: 0 } }
            && (body.Total || body.Sort is not null || body.Facets is { Count: > 0 });
        if (query is null && body is { Vector: null, Keywords: null, VectorQueries: null or { Count: 0 } } && !isListing)
            throw new ArgumentException("A search needs a query, keywords, a vector, or a text and a vector.");
        return ReadOptions(body, schema) with
        {
            Text = query,
            Keywords = body.Keywords,
            // The type is spelt out: null would convert to an empty vector, which is not the same as none.
            Vector = body.Vector is { } vector ? (ReadOnlyMemory<float>?)vector : null,
            Mode = body.Mode ?? DefaultMode(body, isListing, schema),
        };
    }

    /// <summary>What a search asks for besides its query.</summary>
    public SearchRequest ReadOptions(SearchBody body, CollectionSchema schema)
    {
        RequireModest(body);
        if (body.Skip < 0)
            throw new ArgumentException($"skip is at least 0, not {body.Skip}.");
        if (body.MinimumScore is { } score && !double.IsFinite(score))
            throw new ArgumentException("minimumScore is a finite number.");
        if (body.MaximumDistance is { } distance && !float.IsFinite(distance))
            throw new ArgumentException("maximumDistance is a finite number.");
        if (body.FarthestAnswer is { } farthest && !float.IsFinite(farthest))
            throw new ArgumentException("farthestAnswer is a finite number.");
        foreach (var field in body.Fields ?? [])
            FieldOf(schema, field);
        return new SearchRequest
        {
            VectorField = body.VectorField,
            VectorQueries = [.. (body.VectorQueries ?? []).Select(ReadVectorQuery)],
            TextFields = body.TextFields,
            Top = Limit(body.K, settings.Search.Top, "k"),
            Skip = body.Skip,
            Filter = ReadFilter(body.Filter, schema),
            MinimumScore = body.MinimumScore,
            MaximumDistance = body.MaximumDistance,
            FarthestAnswer = body.FarthestAnswer,
            Syntax = body.Syntax,
            CorrectSpelling = body.CorrectSpelling,
            Facets = ReadFacets(body.Facets, schema),
            CountTotal = body.Total,
            Sort = body.Sort,
            GroupBy = body.GroupBy,
            GroupSize = Limit(body.GroupSize, 1, "groupSize"),
            Ef = Between(body.Ef ?? settings.Search.Ef, 0, SearchLimits.MaxEf, "ef"),
            Fusion = FusionOf(body.Fusion),
            Rerank = RerankOf(body.Rerank),
            Boosts = [.. (body.Boosts ?? []).Select(BoostReader.Read)],
            BoostCandidates = Limit(body.BoostCandidates, SearchDefaults.BoostCandidates, "boostCandidates"),
            Diversity = DiversityOf(body.Diversity),
            Explain = body.Explain,
            ExplainKey = body.ExplainKey is { ValueKind: not JsonValueKind.Null } key
                ? DocumentJson.ReadKey(key, schema.KeyKind)
                : default(RecordKey?),
            IncludeVectors = body.Vectors,
            AllowPartial = body.AllowPartial,
            SnippetField = SnippetFieldOf(body, schema),
            SnippetLength = Between(body.SnippetLength ?? settings.Search.SnippetLength, 1, SearchLimits.MaxSnippet, "snippetLength"),
        };
    }

    public static DataField FieldOf(CollectionSchema schema, string name) =>
        schema.FindField(name)
        ?? throw new ArgumentException(
            $"Collection '{schema.Name}' has no field '{name}'; it has: {string.Join(", ", schema.Fields.Select(f => f.Name))}."
        );

    private SearchMode DefaultMode(SearchBody body, bool isListing, CollectionSchema schema)
    {
        if (isListing)
            return SearchMode.Keyword;
        if (body.Query is null && body.Keywords is null)
            return SearchMode.Vector;
        // What the settings say is for collections that can do both, and hosts that can embed the query.
        var bringsVectors =
            body.Vector is not null || (body.VectorQueries is { Count: > 0 } queries && queries.All(query => query.Vector is not null));
        if (schema.Vectors.Count == 0 || (!bringsVectors && database.Embedder is null))
            return SearchMode.Keyword;
        return schema.Fields.Any(field => field.IsFullText) ? settings.Search.Mode : SearchMode.Vector;
    }

    private static string? SnippetFieldOf(SearchBody body, CollectionSchema schema)
    {
        if (!body.Snippets)
            return null;
        if (body.SnippetField is { } asked)
            return FieldOf(schema, asked).Name;
        return body.Query is null
            ? null
            : schema.Fields.FirstOrDefault(f => f is { Type: DataFieldType.String, IsList: false } && PassageFields.Contains(f.Name))?.Name;
    }

    private FusionOptions FusionOf(FusionBody? body)
    {
        var defaults = settings.Search.ToFusion();
        return body is null
            ? defaults
            : defaults with
            {
                Method = body.Method ?? defaults.Method,
                RankConstant = body.RankConstant ?? defaults.RankConstant,
                VectorWeight = body.VectorWeight ?? defaults.VectorWeight,
                KeywordWeight = body.KeywordWeight ?? defaults.KeywordWeight,
                Depth = Between(body.Depth ?? defaults.Depth, 0, SearchLimits.MaxDepth, "fusion.depth"),
                StartingWeight = body.StartingWeight ?? defaults.StartingWeight,
            };
    }

    private RerankOptions? RerankOf(RerankBody? body) =>
        body is null
            ? null
            : new RerankOptions
            {
                Candidates = Limit(body.Candidates, RerankOptions.DefaultCandidates, "rerank.candidates"),
                Weight = body.Weight,
                Budget = body.Milliseconds is { } time ? TimeSpan.FromMilliseconds(time) : null,
                Fields = body.Fields,
            };

    private static VectorQuery ReadVectorQuery(VectorQueryBody body) =>
        new(body.Field)
        {
            Vector = body.Vector is { } vector ? (ReadOnlyMemory<float>?)vector : null,
            Text = body.Text,
            Weight = body.Weight,
        };

    private static DiversityOptions? DiversityOf(DiversityBody? body) =>
        body is null
            ? null
            : new DiversityOptions
            {
                Weight = body.Weight ?? DiversityOptions.DefaultWeight,
                Candidates = body.Candidates ?? DiversityOptions.DefaultCandidates,
                VectorField = body.VectorField,
            };

    private static FacetRequest ReadFacet(FacetBody facet, CollectionSchema schema)
    {
        var field = FieldOf(schema, facet.Field);
        Between(facet.Borders?.Count ?? 0, 0, SearchLimits.MaxFacetValues, "The number of a facet's borders");
        return new FacetRequest(facet.Field)
        {
            Top = Between(facet.Top, 1, SearchLimits.MaxFacetValues, "A facet's top"),
            Borders = facet
                .Borders?.Select(border =>
                    DocumentJson.ReadScalar(border, field) ?? throw new ArgumentException($"A border of facet '{facet.Field}' is null.")
                )
                .ToArray(),
        };
    }

    /// <summary>One search is one question: texts and lists without end would work past every time limit.</summary>
    private static void RequireModest(SearchBody body)
    {
        Between(body.Query?.Length ?? 0, 0, SearchLimits.MaxQuery, "The query's length in characters");
        Between(body.Keywords?.Sum(word => (long)word.Length) ?? 0, 0, SearchLimits.MaxQuery, "The keywords' length in characters");
        Between(body.Boosts?.Count ?? 0, 0, SearchLimits.MaxParts, "The number of boosts");
        Between(body.VectorQueries?.Count ?? 0, 0, SearchLimits.MaxParts, "The number of vectorQueries");
        Between(body.TextFields?.Count ?? 0, 0, SearchLimits.MaxParts, "The number of textFields");
    }

    private static int Between(long value, int least, int most, string name) =>
        value >= least && value <= most ? (int)value : throw new ArgumentException($"{name} is from {least} to {most}, not {value}.");
}
