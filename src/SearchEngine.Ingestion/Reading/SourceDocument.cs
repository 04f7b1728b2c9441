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
}

/// <summary>A piece of a document below one heading (or on one page).</summary>
/// <param name="HeadingPath">Headings from the outermost to the section's own, without the document's title.</param>
/// <param name="Page">Page number from 1, for formats that have pages.</param>
/// <param name="Text">Plain text; paragraphs separated by blank lines, lines by "\n".</param>
public sealed record SourceSection(IReadOnlyList<string> HeadingPath, int? Page, string Text);
