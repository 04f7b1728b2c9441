namespace SearchEngine.Embeddings;

/// <summary>Removes white space at the ends.</summary>
internal sealed class StripTextNormalizer(bool left, bool right) : TextNormalizer
{
    public override ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text)
    {
        if (left)
            text = text.TrimStart();
        return right ? text.TrimEnd() : text;
    }
}
