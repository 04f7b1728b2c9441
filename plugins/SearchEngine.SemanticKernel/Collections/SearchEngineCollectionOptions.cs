using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.VectorData;

namespace SearchEngine.SemanticKernel;

/// <summary>How a <see cref="SearchEngineCollection{TKey, TRecord}"/> works. Copied when the collection is made.</summary>
public sealed class SearchEngineCollectionOptions : VectorStoreCollectionOptions
{
    /// <summary>Makes options with the defaults.</summary>
    public SearchEngineCollectionOptions() { }

    internal SearchEngineCollectionOptions(SearchEngineCollectionOptions? source)
        : base(source)
    {
        if (source is null)
            return;
        QueryEmbeddingGenerator = source.QueryEmbeddingGenerator;
        EmbeddingModel = source.EmbeddingModel;
        Analyzer = source.Analyzer;
        Fusion = source.Fusion;
        UpsertBatchSize = source.UpsertBatchSize;
        LoggerFactory = source.LoggerFactory;
    }

    internal SearchEngineCollectionOptions(SearchEngineVectorStoreOptions store)
    {
        EmbeddingGenerator = store.EmbeddingGenerator;
        QueryEmbeddingGenerator = store.QueryEmbeddingGenerator;
        EmbeddingModel = store.EmbeddingModel;
        Analyzer = store.Analyzer;
        Fusion = store.Fusion;
        UpsertBatchSize = store.UpsertBatchSize;
        LoggerFactory = store.LoggerFactory;
    }

    /// <inheritdoc cref="SearchEngineVectorStoreOptions.QueryEmbeddingGenerator" />
    public IEmbeddingGenerator? QueryEmbeddingGenerator { get; set; }

    /// <inheritdoc cref="SearchEngineVectorStoreOptions.EmbeddingModel" />
    public string? EmbeddingModel { get; set; }

    /// <inheritdoc cref="SearchEngineVectorStoreOptions.Analyzer" />
    public string Analyzer { get; set; } = SearchEngineVectorStoreOptions.DefaultAnalyzer;

    /// <inheritdoc cref="SearchEngineVectorStoreOptions.Fusion" />
    public FusionOptions Fusion { get; set; } = new();

    /// <inheritdoc cref="SearchEngineVectorStoreOptions.UpsertBatchSize" />
    public int UpsertBatchSize { get; set; } = SearchEngineVectorStoreOptions.DefaultUpsertBatchSize;

    /// <summary>Takes the connector's log messages (and the engine's, where the collection opens the database).</summary>
    public ILoggerFactory? LoggerFactory { get; set; }
}
