namespace SearchEngine.Ingestion;

/// <summary>Reads plain text. A short first line with a blank line after it is the title.</summary>
public sealed class PlainTextReader : IDocumentReader
{
    private const int MaxTitleLength = 100;

    /// <inheritdoc />
    public string Name => "text";

    /// <inheritdoc />
    public int Version => 1;

    /// <inheritdoc />
    public IReadOnlyCollection<string> Extensions { get; } = [".txt", ".text", ".log", ".rst", ".adoc"];

    /// <inheritdoc />
    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        string text = TextDecoder.Decode(file.ReadAllBytes());
        cancellationToken.ThrowIfCancellationRequested();
        if (string.IsNullOrWhiteSpace(text))
            yield break;
        yield return new SourceDocument { Title = TitleOf(text) ?? file.Name, Sections = [new SourceSection([], null, text)] };
    }

    internal static string? TitleOf(string text)
    {
        int start = 0;
        while (start < text.Length && char.IsWhiteSpace(text[start]))
            start++;
        int end = text.IndexOf('\n', start);
        if (end < 0 || end - start > MaxTitleLength)
            return null;
        string line = text[start..end].Trim();
        int next = text.IndexOf('\n', end + 1);
        bool blankFollows = string.IsNullOrWhiteSpace(text[(end + 1)..(next < 0 ? text.Length : next)]);
        return blankFollows && !line.EndsWith('.') ? line : null;
    }
}
