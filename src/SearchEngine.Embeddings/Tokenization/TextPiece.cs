namespace SearchEngine.Embeddings;

/// <summary>A piece of a text: where it begins and how many chars it has.</summary>
internal readonly record struct TextPiece(int Start, int Length)
{
    /// <summary>Index after the last char.</summary>
    public int End => Start + Length;
}
