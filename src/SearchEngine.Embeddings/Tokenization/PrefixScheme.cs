namespace SearchEngine.Embeddings;

/// <summary>When a space or space mark is put in front of a text.</summary>
internal enum PrefixScheme
{
    Never,

    /// <summary>Only at the very start of the text, not after an added token.</summary>
    First,
    Always,
}
