namespace SearchEngine.Ingestion;

/// <summary>
/// Reads Rich Text Format: paragraphs, tables, notes, headers; not pictures, fonts, styles and the codes of fields. Paragraphs with an
/// outline level are headings.
/// </summary>
internal sealed class RtfReader : IDocumentReader
{
    public string Name => "rtf";

    public int Version => 3;

    public IReadOnlyCollection<string> Extensions { get; } = [".rtf"];

    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        var bytes = file.ReadAllBytes();
        if (!bytes.AsSpan().StartsWith("{\\rtf"u8))
        {
            throw new SourceFormatException("It is damaged or not a Rich Text document.");
        }

        if (new RtfParser(bytes, cancellationToken).Read() is { } trail && trail.Finish(null, file.Name) is { } document)
        {
            yield return document;
        }
    }
}
