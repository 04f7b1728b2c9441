using SearchEngine.Ingestion;

namespace SearchEngine.Mcp;

/// <summary>The collections that the tools work on, as far as their caller may. Thread-safe.</summary>
public interface IToolDatabase
{
    /// <summary>The collection where a call names none.</summary>
    string DefaultCollection { get; }

    /// <summary>How texts are cut into passages.</summary>
    ChunkerOptions Chunking { get; }

    /// <summary>Names of the collections that the caller may search.</summary>
    Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken);

    /// <summary>A collection to search.</summary>
    /// <exception cref="SearchDatabaseException">There is none of that name.</exception>
    Task<ISearchCollection> OpenAsync(string name, CancellationToken cancellationToken);

    /// <summary>A collection to write to, made for texts where it is not there and the caller may make one.</summary>
    /// <exception cref="UnauthorizedAccessException">The caller may not write.</exception>
    Task<ISearchCollection> OpenForWritingAsync(string name, CancellationToken cancellationToken);
}
