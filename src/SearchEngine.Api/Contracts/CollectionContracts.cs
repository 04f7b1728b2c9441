using System.Text.Json.Serialization;
using SearchEngine.Vectors;

namespace SearchEngine.Api.Contracts;

/// <summary>The reply of GET /health; the weight is the vector ranking's share in searches that name none.</summary>
internal sealed record HealthReply(
    string Status,
    string? Model,
    int? Dimension,
    int Collections,
    double VectorWeight,
    double? FarthestAnswer,
    bool Cluster
);

/// <summary>The reply of the probes.</summary>
internal sealed record ProbeReply(string Status, IReadOnlyDictionary<string, string>? Problems = null);

/// <summary>A page of collections; the token of the next page, null behind the last one.</summary>
internal sealed record CollectionPage(IReadOnlyList<CollectionReply> Collections, string? Next);

/// <summary>A collection, in the replies of GET /collections and GET /collections/{name}.</summary>
internal sealed record CollectionReply(
    string Name,
    long Records,
    RecordKeyKind KeyKind,
    string? Analyzer,
    string? Model,
    IReadOnlyList<FieldBody> Fields,
    IReadOnlyList<VectorBody> Vectors,
    long DiskBytes,
    long LogBytes,
    long MemoryBytes,
    DateTimeOffset? LastCheckpoint
)
{
    /// <summary>In a list: why the collection cannot be opened. It can be deleted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Problem { get; init; }

    public static CollectionReply OfDamaged(string name, string problem) =>
        new(name, 0, RecordKeyKind.String, null, null, [], [], 0, 0, 0, null) { Problem = problem };

    public static CollectionReply Of(CollectionInfo info) =>
        new(
            info.Schema.Name,
            info.Count,
            info.Schema.KeyKind,
            info.Schema.Analyzer,
            info.Schema.EmbeddingModel,
            [.. info.Schema.Fields.Select(FieldBody.Of)],
            [.. info.Schema.Vectors.Select(VectorBody.Of)],
            info.DiskBytes,
            info.LogBytes,
            info.MemoryBytes,
            info.LastCheckpoint
        );
}

/// <summary>
/// The body of PUT /collections/{name}. Without fields: title, text and source. Without vectors: one, "vector", embedded from
/// "embeddedField" (or "text") by the host's model, where there are both; an empty list makes a collection without vectors.
/// </summary>
internal sealed record CollectionBody(
    IReadOnlyList<FieldBody>? Fields = null,
    string? EmbeddedField = null,
    IReadOnlyList<VectorBody>? Vectors = null,
    RecordKeyKind KeyKind = RecordKeyKind.String,
    string? Analyzer = null
);

/// <summary>A data field.</summary>
internal sealed record FieldBody(
    string Name,
    DataFieldType Type = DataFieldType.String,
    bool IsList = false,
    bool IsFullText = false,
    bool IsFilterable = false,
    float Boost = 1f
)
{
    public static FieldBody Of(DataField field) =>
        new(field.Name, field.Type, field.IsList, field.IsFullText, field.IsFilterable, field.Boost);

    public DataField ToField() =>
        new(Name, Type)
        {
            IsList = IsList,
            IsFullText = IsFullText,
            IsFilterable = IsFilterable,
            Boost = Boost,
        };
}

/// <summary>A vector field; the dimension may be left to the host's model where the vectors are made from a text field.</summary>
internal sealed record VectorBody(
    string Name,
    int? Dimension = null,
    DistanceMetric Metric = DistanceMetric.Cosine,
    VectorIndexKind Index = VectorIndexKind.Hnsw,
    VectorQuantization Quantization = VectorQuantization.Int8,
    int M = 0,
    int EfConstruction = 0,
    int EfSearch = 0,
    string? SourceField = null
)
{
    public static VectorBody Of(VectorField field) =>
        new(
            field.Name,
            field.Dimension,
            field.Metric,
            field.Index,
            field.Quantization,
            field.M,
            field.EfConstruction,
            field.EfSearch,
            field.SourceField
        );

    public VectorField ToField(int? modelDimension) =>
        new(
            Name,
            Dimension
                ?? (SourceField is null ? null : modelDimension)
                ?? throw new ArgumentException($"Vector field '{Name}' needs a dimension.")
        )
        {
            Metric = Metric,
            Index = Index,
            Quantization = Quantization,
            M = M,
            EfConstruction = EfConstruction,
            EfSearch = EfSearch,
            SourceField = SourceField,
        };
}
