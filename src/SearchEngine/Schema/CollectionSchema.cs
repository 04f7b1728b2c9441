namespace SearchEngine;

/// <summary>What a collection holds. Immutable; stored with the collection and checked when it is opened again.</summary>
public sealed record CollectionSchema
{
    /// <summary>The most vector fields a collection may have.</summary>
    public const int MaxVectorFields = 32;

    /// <summary>The collection's name: 1–128 characters of any script, no control characters.</summary>
    public required string Name { get; init; }

    /// <summary>The type of the keys.</summary>
    public RecordKeyKind KeyKind { get; init; } = RecordKeyKind.String;

    /// <summary>Data fields.</summary>
    public IReadOnlyList<DataField> Fields { get; init; } = [];

    /// <summary>Vector fields.</summary>
    public IReadOnlyList<VectorField> Vectors { get; init; } = [];

    /// <summary>The analyzer of new collections: English stems, identifiers and compounds whole and in parts, accents folded.</summary>
    public const string DefaultAnalyzer = "english.2";

    /// <summary>
    /// The default before <see cref="DefaultAnalyzer"/>: collections that were made with it keep it and open under the default.
    /// </summary>
    internal const string FirstDefaultAnalyzer = "english";

    /// <summary>
    /// The keyword analyzer: a language's ("english.2", "german.2", "french.2", …), "simple.2" (no stems, no stop words), "keyword" (the
    /// whole
    /// text as one word) and others; docs/search.md lists them. What a name means never changes.
    /// </summary>
    public string Analyzer { get; init; } = DefaultAnalyzer;

    /// <summary>
    /// Identifies the embedding model that made the vectors (name and fingerprint); null where the caller brings vectors.
    /// Opening with a generator of another identity is refused, since vectors of two models cannot be compared.
    /// </summary>
    public string? EmbeddingModel { get; init; }

    /// <summary>The data field of that name, or null.</summary>
    public DataField? FindField(string name) => Fields.FirstOrDefault(f => f.Name == name);

    /// <summary>The vector field of that name, or null.</summary>
    public VectorField? FindVector(string name) => Vectors.FirstOrDefault(v => v.Name == name);
}
