namespace SearchEngine.Embeddings;

/// <summary>What every tokenizer has, gathered by its loader.</summary>
internal sealed class TokenizerParts
{
    /// <summary>Texts and ids of all tokens.</summary>
    public required TokenVocabulary Vocabulary { get; init; }

    /// <summary>The tokens around a text.</summary>
    public required TokenTemplate Template { get; init; }

    /// <summary>The vocabulary files' bytes, for the fingerprint.</summary>
    public required IReadOnlyList<byte[]> Content { get; init; }

    /// <summary>Rules that do not stand in the vocabulary files, for the fingerprint.</summary>
    public string Rules { get; init; } = "";

    public int? BosId { get; init; }

    public int? EosId { get; init; }

    public int? PadId { get; init; }

    public int? UnkId { get; init; }

    public int? MaskId { get; init; }

    /// <summary>Added tokens in words, for <see cref="Rules"/>.</summary>
    public static string Describe(IEnumerable<AddedToken> tokens) =>
        string.Join('\n', tokens.OrderBy(token => token.Id).ThenBy(token => token.Content, StringComparer.Ordinal));
}
