namespace SearchEngine.Embeddings;

/// <summary>One step of a tokenizer.json normalizer. Implementations are thread-safe.</summary>
internal abstract class TextNormalizer
{
    /// <summary>The normalised text; may be the same span.</summary>
    public abstract ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text);
}
