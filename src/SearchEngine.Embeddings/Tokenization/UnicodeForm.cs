namespace SearchEngine.Embeddings;

/// <summary>The four normalisation forms of Unicode.</summary>
internal enum UnicodeForm
{
    Nfc,
    Nfd,
    Nfkc,
    Nfkd,
}
