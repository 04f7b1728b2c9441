namespace SearchEngine.Embeddings;

/// <summary>NFC, NFD, NFKC and NFKD.</summary>
internal sealed class UnicodeTextNormalizer(UnicodeForm form) : TextNormalizer
{
    public override ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text) => UnicodeNormalizer.Normalize(text, form);
}
