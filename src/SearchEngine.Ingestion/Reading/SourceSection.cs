namespace SearchEngine.Ingestion;

/// <summary>A piece of a document below one heading (or on one page).</summary>
/// <param name="HeadingPath">Headings from the outermost to the section's own, without the document's title.</param>
/// <param name="Page">Page number from 1, for formats that have pages.</param>
/// <param name="Text">Plain text; paragraphs separated by blank lines, lines by "\n".</param>
public sealed record SourceSection(IReadOnlyList<string> HeadingPath, int? Page, string Text)
{
    /// <summary>Tables and code in <see cref="Text"/>, in order, without overlap.</summary>
    public IReadOnlyList<SourceRegion> Regions { get; init; } = [];

    /// <summary>Where the text stands in the file, in order; empty for formats without lines.</summary>
    public IReadOnlyList<LineAnchor> Lines { get; init; } = [];
}
