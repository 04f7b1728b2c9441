using System.Text.Json;
using System.Text.Json.Serialization;

namespace SearchEngine.Api;

/// <summary>The reply of GET /health.</summary>
internal sealed record HealthReply(string Status, string? Model, int Collections);

/// <summary>A collection, in the replies of GET /collections and GET /collections/{name}.</summary>
internal sealed record CollectionReply(
    string Name,
    long Records,
    string? Model,
    IReadOnlyList<FieldReply> Fields,
    IReadOnlyList<VectorReply> Vectors,
    long DiskBytes
)
{
    /// <summary>In a list: why the collection cannot be opened. It can be deleted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Problem { get; private init; }

    public static CollectionReply OfDamaged(string name, string problem) => new(name, 0, null, [], [], 0) { Problem = problem };

    public static CollectionReply Of(CollectionInfo info) =>
        new(
            info.Schema.Name,
            info.Count,
            info.Schema.EmbeddingModel,
            [.. info.Schema.Fields.Select(f => new FieldReply(f.Name, f.Type, f.IsList, f.IsFullText, f.IsFilterable))],
            [.. info.Schema.Vectors.Select(v => new VectorReply(v.Name, v.Dimension))],
            info.DiskBytes
        );
}

/// <summary>A data field of a collection.</summary>
internal sealed record FieldReply(string Name, DataFieldType Type, bool IsList, bool IsFullText, bool IsFilterable);

/// <summary>A vector field of a collection.</summary>
internal sealed record VectorReply(string Name, int Dimension);

/// <summary>The body of PUT /collections/{name}; a field is a string, full-text and filterable unless it says otherwise.</summary>
internal sealed record CollectionBody(IReadOnlyList<FieldBody>? Fields = null, string? EmbeddedField = null);

/// <summary>A data field to make.</summary>
internal sealed record FieldBody(
    string Name,
    DataFieldType Type = DataFieldType.String,
    bool IsList = false,
    bool IsFullText = false,
    bool IsFilterable = false
);

/// <summary>The reply of POST /collections/{name}/verify; sound where there are no problems.</summary>
internal sealed record VerifyReply(
    string Collection,
    bool Sound,
    long Records,
    IReadOnlyList<string> Checks,
    IReadOnlyList<string> Problems,
    double Seconds
)
{
    public static VerifyReply Of(VerificationReport report) =>
        new(report.Collection, report.IsSound, report.Records, report.Checks, report.Problems, report.Elapsed.TotalSeconds);
}

/// <summary>The body of POST /collections/{name}/snapshots: the new snapshot's name.</summary>
internal sealed record SnapshotBody(string Name);

/// <summary>A snapshot that was made, and the folder on the host's machine.</summary>
internal sealed record SnapshotReply(string Collection, string Name, string Folder, long DiskBytes, double Seconds);

/// <summary>The body of POST /collections/{name}/documents.</summary>
internal sealed record DocumentsBody(IReadOnlyList<DocumentBody> Documents);

/// <summary>
/// A document to insert or replace: its key (string or integer), fields by name, and vectors where the caller brings them.
/// </summary>
internal sealed record DocumentBody(
    JsonElement Key,
    IReadOnlyDictionary<string, JsonElement>? Fields = null,
    IReadOnlyDictionary<string, float[]>? Vectors = null
);

/// <summary>A document as stored.</summary>
internal sealed record DocumentReply(object Key, IDictionary<string, object?> Fields);

/// <summary>What a write did.</summary>
internal sealed record WriteReply(int Inserted, int Updated, int Deleted);

/// <summary>The body of DELETE /collections/{name}/documents.</summary>
internal sealed record DeleteBody(IReadOnlyList<JsonElement> Keys);

/// <summary>
/// The body of POST /collections/{name}/search. A filter maps fields to a value, or to a list of which any may match; all must hold.
/// </summary>
internal sealed record SearchBody(
    string? Query = null,
    float[]? Vector = null,
    SearchMode? Mode = null,
    int? K = null,
    int Skip = 0,
    IReadOnlyDictionary<string, JsonElement>? Filter = null,
    double? MinimumScore = null,
    bool Explain = false,
    bool Snippets = true,
    QuerySyntax Syntax = QuerySyntax.Words,
    bool CorrectSpelling = true,
    IReadOnlyList<FacetBody>? Facets = null,
    bool Total = false,
    SortOrder? Sort = null,
    string? GroupBy = null,
    int GroupSize = 1
);

/// <summary>A field to count over all records that match: its most frequent values, or ranges between ascending borders.</summary>
internal sealed record FacetBody(string Field, int Top = 10, IReadOnlyList<JsonElement>? Borders = null);

/// <summary>
/// The reply of a search; hits best first. The correction says what was searched for in place of words that match nothing.
/// </summary>
internal sealed record SearchReply(
    SearchMode Mode,
    double Seconds,
    IReadOnlyList<HitReply> Hits,
    SpellingCorrection? Correction = null,
    long? Total = null,
    IReadOnlyList<Facet>? Facets = null
);

/// <summary>The reply of GET /collections/{name}/suggest.</summary>
internal sealed record SuggestReply(IReadOnlyList<Suggestion> Suggestions);

/// <summary>One hit.</summary>
internal sealed record HitReply(
    int Rank,
    double Score,
    object Key,
    IDictionary<string, object?> Fields,
    Snippet? Snippet,
    SearchExplanation? Explanation,
    object? Group = null
);
