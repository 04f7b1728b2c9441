namespace SearchEngine.SemanticKernel;

/// <summary>What <c>AddSearchEngine</c> wires together; bound from a configuration section.</summary>
public sealed class SearchEngineOptions
{
    /// <summary>The configuration section's usual name.</summary>
    public const string SectionName = "SearchEngine";

    /// <summary>Where the database is unless something else is said.</summary>
    public const string DefaultDirectory = "./data";

    /// <summary>The database's directory; made if it does not exist.</summary>
    public string Directory { get; set; } = DefaultDirectory;

    /// <summary>
    /// Directory of the LLM2Vec model; null looks for the shipped one. Not used where the container has an embedding generator.
    /// </summary>
    public string? ModelDirectory { get; set; }

    /// <summary>When a write is acknowledged.</summary>
    public DatabaseDurability Durability { get; set; } = DatabaseDurability.EveryWrite;

    /// <summary>Memory for the records and full-precision vectors of each collection, in bytes.</summary>
    public long MemoryBytes { get; set; } = SearchDatabaseOptions.DefaultMemoryBytes;

    /// <summary>Whether the database (or a snapshot's folder) is only read; see <see cref="SearchDatabaseOptions.ReadOnly"/>.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>The analyzer of full-text fields of new collections: "english.2", "german.2", "simple.2", "keyword" and others.</summary>
    public string Analyzer { get; set; } = SearchEngineVectorStoreOptions.DefaultAnalyzer;

    /// <summary>How hybrid search makes one ranking of two.</summary>
    public FusionMethod Fusion { get; set; } = FusionMethod.RelativeScore;

    /// <summary>
    /// Weight of the vector ranking in hybrid search, at least 0; null for the embedding model's own, see
    /// <see cref="FusionOptions.VectorWeight"/>.
    /// </summary>
    public double? VectorWeight { get; set; }

    /// <summary>Weight of the keyword ranking in hybrid search, at least 0; null as for <see cref="VectorWeight"/>.</summary>
    public double? KeywordWeight { get; set; }

    /// <summary>Records of one upsert that are embedded and written together, at least 1.</summary>
    public int UpsertBatchSize { get; set; } = SearchEngineVectorStoreOptions.DefaultUpsertBatchSize;

    /// <summary>The collection of <see cref="SearchPlugin"/>.</summary>
    public string PluginCollection { get; set; } = SearchPluginOptions.DefaultCollectionName;

    /// <summary>The fusion of these options.</summary>
    internal FusionOptions ToFusion() =>
        new()
        {
            Method = Fusion,
            VectorWeight = VectorWeight,
            KeywordWeight = KeywordWeight,
        };

    /// <summary>Whether the weights are not negative and not both 0.</summary>
    internal bool HasPossibleWeights =>
        VectorWeight is null or >= 0 && KeywordWeight is null or >= 0 && (VectorWeight ?? 1) + (KeywordWeight ?? 1) > 0;
}
