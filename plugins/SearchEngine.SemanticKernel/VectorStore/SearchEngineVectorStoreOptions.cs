using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace SearchEngine.SemanticKernel;

/// <summary>How a <see cref="SearchEngineVectorStore"/> works. Copied when the store is made.</summary>
public sealed class SearchEngineVectorStoreOptions
{
    /// <summary>The analyzer of full-text fields that collections are created with where nothing else is said.</summary>
    public const string DefaultAnalyzer = CollectionSchema.DefaultAnalyzer;

    /// <summary>
    /// Records of one upsert that go to the embedder and into one durable write: enough to fill both, little enough for memory.
    /// </summary>
    public const int DefaultUpsertBatchSize = 1024;

    /// <summary>Makes options with the defaults.</summary>
    public SearchEngineVectorStoreOptions() { }

    internal SearchEngineVectorStoreOptions(SearchEngineVectorStoreOptions? source)
    {
        if (source is null)
            return;
        EmbeddingGenerator = source.EmbeddingGenerator;
        QueryEmbeddingGenerator = source.QueryEmbeddingGenerator;
        EmbeddingModel = source.EmbeddingModel;
        Analyzer = source.Analyzer;
        Fusion = source.Fusion;
        UpsertBatchSize = source.UpsertBatchSize;
        LoggerFactory = source.LoggerFactory;
    }

    /// <summary>
    /// Embeds values of vector properties that are no vectors (strings, say), and search inputs. The caller's: the store does not dispose
    /// it.
    /// </summary>
    public IEmbeddingGenerator? EmbeddingGenerator { get; set; }

    /// <summary>
    /// Embeds search inputs in place of <see cref="EmbeddingGenerator"/>, for models that want queries embedded in another way than
    /// documents.
    /// Null: the same generator, or the query side of a <c>Llm2VecEmbeddingGenerator</c>.
    /// </summary>
    public IEmbeddingGenerator? QueryEmbeddingGenerator { get; set; }

    /// <summary>
    /// Names the embedding model; stored with a collection whose vectors a generator makes, and compared when it is opened again, since
    /// vectors
    /// of two models cannot be compared. Null: the fingerprint of a <c>Llm2VecEmbeddingGenerator</c>, else the model id that the generator
    /// states, else no check.
    /// </summary>
    public string? EmbeddingModel { get; set; }

    /// <summary>
    /// The analyzer of full-text fields of collections that this store creates: "english.2", "german.2", "simple.2", "keyword" and others.
    /// </summary>
    public string Analyzer { get; set; } = DefaultAnalyzer;

    /// <summary>Weights of hybrid search where a search names none.</summary>
    public FusionOptions Fusion { get; set; } = new();

    /// <summary>Records of one upsert that are embedded and written together, at least 1. Each such batch is atomic.</summary>
    public int UpsertBatchSize { get; set; } = DefaultUpsertBatchSize;

    /// <summary>Takes the connector's log messages (and the engine's, where the store opens the database).</summary>
    public ILoggerFactory? LoggerFactory { get; set; }
}
