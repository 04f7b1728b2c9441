namespace SearchEngine.Ingestion;

/// <summary>The readers that come with the library.</summary>
public static class DocumentReaders
{
    /// <summary>Markdown, plain text, HTML, JSON lines, PDF and Word.</summary>
    public static IReadOnlyList<IDocumentReader> Default { get; } =
        [new MarkdownReader(), new PlainTextReader(), new HtmlReader(), new JsonLinesReader(), new PdfReader(), new DocxReader()];

    /// <summary>By extension; a later reader wins over an earlier one of the same extension.</summary>
    internal static Dictionary<string, IDocumentReader> ByExtension(IEnumerable<IDocumentReader> readers)
    {
        var byExtension = new Dictionary<string, IDocumentReader>(StringComparer.OrdinalIgnoreCase);
        foreach (IDocumentReader reader in readers)
        {
            foreach (string extension in reader.Extensions)
                byExtension[extension] = reader;
        }
        return byExtension;
    }
}
