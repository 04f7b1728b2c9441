namespace SearchEngine.Embeddings;

/// <summary>One step of a pre-tokenizer: cuts a text into pieces, none of which is empty. Implementations are thread-safe.</summary>
internal abstract class PieceSplitter
{
    /// <summary>Appends the pieces of <paramref name="text"/>, their places relative to its start, in order.</summary>
    public abstract void Split(ReadOnlySpan<char> text, ref PooledBuffer<TextPiece> pieces);
}
