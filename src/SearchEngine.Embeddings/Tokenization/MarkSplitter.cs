namespace SearchEngine.Embeddings;

/// <summary>Cuts in front of every occurrence of a char (SentencePiece's "▁"), as the Metaspace pre-tokenizer does.</summary>
internal sealed class MarkSplitter(char mark) : PieceSplitter
{
    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<char> text, ref PooledBuffer<TextPiece> pieces)
    {
        for (var start = 0; start < text.Length; )
        {
            var next = text[(start + 1)..].IndexOf(mark);
            var end = next < 0 ? text.Length : start + 1 + next;
            pieces.Add(new TextPiece(start, end - start));
            start = end;
        }
    }
}
