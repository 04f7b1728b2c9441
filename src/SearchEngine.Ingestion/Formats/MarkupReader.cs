namespace SearchEngine.Ingestion;

/// <summary>Reads a markup format whose structure shows line by line.</summary>
/// <param name="name">Name of the format.</param>
/// <param name="version">Raised whenever the same file would give other text.</param>
/// <param name="extensions">Its file extensions.</param>
/// <param name="read">Understands the lines of a file.</param>
internal sealed class MarkupReader(
    string name,
    int version,
    IReadOnlyCollection<string> extensions,
    Func<string[], IEnumerable<MarkupLine>> read
) : IDocumentReader
{
    public string Name => name;

    public int Version => version;

    public IReadOnlyCollection<string> Extensions => extensions;

    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        var text = TextDecoder.Decode(file.ReadAllBytes(), file.Encoding);
        cancellationToken.ThrowIfCancellationRequested();
        if (string.IsNullOrWhiteSpace(text))
        {
            yield break;
        }

        var source = MarkupSource.Of(text);
        if (MarkupBlocks.Read(read(source.Lines), source.NumberOf, file.Name) is { } document)
        {
            yield return document;
        }
    }
}
