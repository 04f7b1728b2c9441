namespace SearchEngine.Ingestion;

/// <summary>Reads one file format. Implementations hold no state between calls and may be called from many threads.</summary>
public interface IDocumentReader
{
    /// <summary>Name of the format, for instance "markdown".</summary>
    string Name { get; }

    /// <summary>Raised whenever the same file would give other text: files read by an older version are then read again.</summary>
    int Version { get; }

    /// <summary>File extensions with their dot, lower case.</summary>
    IReadOnlyCollection<string> Extensions { get; }

    /// <summary>Reads a file's documents, lazily where the format allows it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="warn">Takes what could not be read while the rest could: message, and line number if there is one.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="SourceFormatException">The file is not of this format, damaged, or locked by a password.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken);
}
