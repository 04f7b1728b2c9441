namespace SearchEngine.Embeddings;

/// <summary>Several normalizers, one after the other.</summary>
internal sealed class SequenceTextNormalizer(TextNormalizer[] steps) : TextNormalizer
{
    public override ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text)
    {
        foreach (var step in steps)
            text = step.Normalize(text);
        return text;
    }
}
