using Microsoft.Extensions.Logging;

namespace SearchEngine.Ingestion;

/// <summary>How files are found, read, cut and written. Immutable.</summary>
public sealed record IngestionOptions
{
    /// <summary>
    /// Default <see cref="BatchChunks"/>: enough for the embedder to sort texts by length, few enough to see progress on a CPU.
    /// </summary>
    public const int DefaultBatchChunks = 64;

    /// <summary>The readers; a later one wins over an earlier one of the same extension.</summary>
    public IReadOnlyList<IDocumentReader> Readers { get; init; } = DocumentReaders.Default;

    /// <summary>How documents are cut.</summary>
    public ChunkerOptions Chunking { get; init; } = new();

    /// <summary>
    /// Globs (<see cref="GlobPattern"/>), relative to an ingested folder, of files and folders to leave out ("**/drafts/**"). Folders and
    /// files whose name starts with a dot are always left out.
    /// </summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>
    /// Globs, relative to an ingested folder or of the name alone ("*.md"): of files below folders only these are read. Empty: all.
    /// </summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Whether .gitignore files below ingested folders say what to leave out.</summary>
    public bool UseIgnoreFiles { get; init; } = true;

    /// <summary>Whether links below ingested folders are followed; a link named as a path always is.</summary>
    public bool FollowLinks { get; init; }

    /// <summary>The encoding of text files; null recognizes it.</summary>
    public System.Text.Encoding? Encoding { get; init; }

    /// <summary>
    /// Embeds the passages of one document, title and headings in front of each, in their context (late chunking): one vector for each, in
    /// order. Null: each is embedded by itself. Where it fails on a document, that one's passages are embedded by themselves, but for
    /// <see cref="NotSupportedException"/>, which ends the ingestion. A document of more than <see cref="BatchChunks"/> passages is handed
    /// over in parts, and all passages of a part are embedded anew where one has changed. Called from several threads at once.
    /// </summary>
    public Func<IReadOnlyList<string>, CancellationToken, Task<IReadOnlyList<ReadOnlyMemory<float>>>>? EmbedPassages { get; init; }

    /// <summary>Recognizes the text of scanned pages and of image files; null passes over them, and says so.</summary>
    public TextRecognition? Recognition { get; init; }

    /// <summary>
    /// Whether stored sources are relative to named roots ("docs/guide/intro.md"; the root's name is the ingested folder's, its place is
    /// kept in the collection), so that a corpus can move. False: full paths, or relative to <see cref="BaseDirectory"/>.
    /// </summary>
    public bool NamedRoots { get; init; }

    /// <summary>The name of the root in place of the folder's, with <see cref="NamedRoots"/>.</summary>
    public string? RootName { get; init; }

    /// <summary>Whether nothing is written: files are found, read and cut, and the report says what would be done.</summary>
    public bool DryRun { get; init; }

    /// <summary>
    /// The folder that stored sources are relative to, for files below it ("guide/intro.md", with forward slashes), so that a
    /// database can move together with its files. Null, and for files elsewhere: the absolute path.
    /// </summary>
    public string? BaseDirectory { get; init; }

    /// <summary>Whether the chunks of files that are gone from below the ingested folders are deleted.</summary>
    public bool RemoveDeleted { get; init; } = true;

    /// <summary>Whether files are read and embedded again although they have not changed.</summary>
    public bool Force { get; init; }

    /// <summary>Chunks that are embedded and written at a time; a file of fewer chunks is always written whole.</summary>
    public int BatchChunks { get; init; } = DefaultBatchChunks;

    /// <summary>Files read at a time; 0 takes half of the processors, at most 8.</summary>
    public int ReaderCount { get; init; }

    /// <summary>Takes messages about files; text never appears in them.</summary>
    public ILogger? Logger { get; init; }

    /// <exception cref="ArgumentException">An option is out of range.</exception>
    internal void Validate()
    {
        Chunking.Validate();
        if (Readers.Count == 0)
            throw new ArgumentException("There are no readers.");
        if (BatchChunks < 1)
            throw new ArgumentException($"BatchChunks must be at least 1, not {BatchChunks}.");
        if (RootName is { } name && (name.Length == 0 || name.Contains('/', StringComparison.Ordinal)))
            throw new ArgumentException($"RootName must be a name without slashes, not '{name}'.");
        foreach (var pattern in Include.Concat(Exclude))
            _ = new GlobPattern(pattern);
        if (ReaderCount < 0)
            throw new ArgumentException($"ReaderCount must be at least 0, not {ReaderCount}.");
    }
}
