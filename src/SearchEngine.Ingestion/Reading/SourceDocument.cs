namespace SearchEngine.Ingestion;

/// <summary>A document as a reader found it in a file.</summary>
public sealed record SourceDocument
{
    /// <summary>The document's id: its own (a JSONL record's id), or null where the file is the document.</summary>
    public string? Id { get; init; }

    /// <summary>Its title; a reader that finds none takes the file name.</summary>
    public required string Title { get; init; }

    /// <summary>Its sections in reading order.</summary>
    public required IReadOnlyList<SourceSection> Sections { get; init; }

    /// <summary>
    /// What the document says of itself, by name (front matter, columns, fields of a record): stored in fields of the collection
    /// that have the same name.
    /// </summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = EmptyProperties;

    /// <summary>Whether this goes on with the document before: a reader gives a document larger than memory in several pieces.</summary>
    public bool Continues { get; init; }

    private static readonly IReadOnlyDictionary<string, string> EmptyProperties = new Dictionary<string, string>();
}
