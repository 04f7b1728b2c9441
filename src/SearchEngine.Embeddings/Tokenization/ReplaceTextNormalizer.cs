namespace SearchEngine.Embeddings;

/// <summary>Replaces a string.</summary>
internal sealed class ReplaceTextNormalizer(string pattern, string content) : TextNormalizer
{
    public override ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text) =>
        text.IndexOf(pattern, StringComparison.Ordinal) < 0 ? text : text.ToString().Replace(pattern, content, StringComparison.Ordinal);
}
