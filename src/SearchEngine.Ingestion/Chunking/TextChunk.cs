namespace SearchEngine.Ingestion;

/// <summary>A piece of a document, small enough to be embedded.</summary>
/// <param name="Text">The text to show and to search by keyword; a later piece of a table has the table's header in front.</param>
/// <param name="HeadingPath">Headings above it, outermost first, without the document's title.</param>
/// <param name="Page">Page number from 1, for formats that have pages.</param>
/// <param name="EmbeddedText">The text to embed: title and headings in front of <paramref name="Text"/>.</param>
public sealed record TextChunk(string Text, IReadOnlyList<string> HeadingPath, int? Page, string EmbeddedText)
{
    /// <summary>The headings as one line, "A › B"; null where there is none.</summary>
    public string? Heading => HeadingPath.Count == 0 ? null : string.Join(" › ", HeadingPath);

    /// <summary>The line of the file on which it starts, from 1; null for formats without lines.</summary>
    public int? Line { get; init; }
}
