using Microsoft.SemanticKernel.Memory;

namespace SearchEngine.SemanticKernel;

/// <summary>Puts a SearchEngine database under Semantic Kernel's older memory.</summary>
public static class SearchEngineMemoryBuilderExtensions
{
    /// <summary>
    /// Keeps memories in the database directory. The store lives as long as the process; to dispose it sooner make it yourself.
    /// </summary>
    public static MemoryBuilder WithSearchEngineMemoryStore(
        this MemoryBuilder builder,
        string directory,
        SearchEngineMemoryStoreOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        return builder.WithMemoryStore(loggerFactory => new SearchEngineMemoryStore(directory, Complete(options, loggerFactory)));
    }

    /// <summary>Keeps memories in an open database, which stays the caller's.</summary>
    public static MemoryBuilder WithSearchEngineMemoryStore(
        this MemoryBuilder builder,
        ISearchDatabase database,
        SearchEngineMemoryStoreOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(database);
        return builder.WithMemoryStore(loggerFactory => new SearchEngineMemoryStore(database, Complete(options, loggerFactory)));
    }

    private static SearchEngineMemoryStoreOptions Complete(
        SearchEngineMemoryStoreOptions? options,
        Microsoft.Extensions.Logging.ILoggerFactory loggerFactory
    ) =>
        new()
        {
            CollectionPrefix = options?.CollectionPrefix ?? SearchEngineMemoryStoreOptions.DefaultCollectionPrefix,
            VectorSize = options?.VectorSize ?? 0,
            LoggerFactory = options?.LoggerFactory ?? loggerFactory,
        };
}
