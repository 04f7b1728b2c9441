namespace SearchEngine.Embeddings;

/// <summary>Puts a string in front of a text that is not empty.</summary>
internal sealed class PrependTextNormalizer(string prefix) : TextNormalizer
{
    public override ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text) => text.IsEmpty ? text : string.Concat(prefix, text);
}
