namespace SearchEngine.Ingestion;

/// <summary>The readers that come with the library.</summary>
public static class DocumentReaders
{
    /// <summary>
    /// Markdown, plain text, HTML, JSON and JSON lines, CSV, PDF, Word, Excel, PowerPoint, OpenDocument, EPUB, RTF, mail, notebooks,
    /// reStructuredText, AsciiDoc, Org, LaTeX, source code, zip, tar and gzip.
    /// </summary>
    public static IReadOnlyList<IDocumentReader> Default { get; } =
    [
        new SourceCodeReader(),
        new MarkdownReader(),
        new PlainTextReader(),
        new HtmlReader(),
        new JsonLinesReader(),
        new JsonReader(),
        new XmlTextReader(),
        new DelimitedReader(),
        new PdfReader(),
        new DocxReader(),
        new XlsxReader(),
        new PptxReader(),
        new OpenDocumentReader(),
        new EpubReader(),
        new RtfReader(),
        new MailReader(),
        new NotebookReader(),
        new MarkupReader("rst", 2, [".rst", ".rest"], RestructuredText.Lines),
        new MarkupReader("asciidoc", 2, [".adoc", ".asciidoc", ".asc"], AsciiDoc.Lines),
        new MarkupReader("org", 1, [".org"], OrgMode.Lines),
        new MarkupReader("latex", 3, [".tex", ".latex", ".ltx"], Latex.Lines),
        new ZipReader(),
        new GzipReader(),
        new TarReader(),
    ];

    /// <summary>By extension; a later reader wins over an earlier one of the same extension.</summary>
    internal static Dictionary<string, IDocumentReader> ByExtension(IEnumerable<IDocumentReader> readers)
    {
        var byExtension = new Dictionary<string, IDocumentReader>(StringComparer.OrdinalIgnoreCase);
        foreach (var reader in readers)
        {
            foreach (var extension in reader.Extensions)
                byExtension[extension] = reader;
        }
        return byExtension;
    }
}
