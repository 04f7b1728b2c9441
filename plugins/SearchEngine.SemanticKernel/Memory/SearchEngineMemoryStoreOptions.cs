using Microsoft.Extensions.Logging;

namespace SearchEngine.SemanticKernel;

/// <summary>How a <see cref="SearchEngineMemoryStore"/> works.</summary>
public sealed class SearchEngineMemoryStoreOptions
{
    /// <summary>
    /// What the engine's names of memory collections start with, so that they and a vector store's collections do not meet.
    /// </summary>
    public const string DefaultCollectionPrefix = "memory.";

    /// <summary>Put in front of the names of memory collections. Not empty where the database has other collections.</summary>
    public string CollectionPrefix { get; set; } = DefaultCollectionPrefix;

    /// <summary>Components of the embeddings; 0: a collection learns it from the first record.</summary>
    public int VectorSize { get; set; }

    /// <summary>Takes log messages.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }
}
