namespace SearchEngine.Embeddings;

/// <summary>
/// What happens to a text between normalisation and byte-pair encoding: a prefix, the replacement of spaces, and the cutting into words.
/// Immutable and thread-safe.
/// </summary>
internal sealed class PreTokenizer
{
    /// <summary>Put in front of a text that does not begin with it, by <see cref="Scheme"/>.</summary>
    public char Prefix { get; init; } = ' ';

    /// <summary>When to put <see cref="Prefix"/> in front.</summary>
    public PrefixScheme Scheme { get; init; } = PrefixScheme.Never;

    /// <summary>What a space becomes, or null.</summary>
    public char? SpaceMark { get; init; }

    /// <summary>
    /// True if words are first taken apart at white space, so that a run of it becomes one mark and none stays at the end.
    /// </summary>
    public bool FoldSpaces { get; init; }

    /// <summary>The cuts, in order.</summary>
    public PieceSplitter[] Steps { get; init; } = [];

    /// <summary>True if words are written in the byte alphabet (see <see cref="ByteAlphabet"/>).</summary>
    public bool ByteLevel { get; init; }

    /// <summary>Prefix and space marks; the same span if there is nothing to do.</summary>
    /// <param name="text">The text, not empty.</param>
    /// <param name="atStart">True if nothing comes before it.</param>
    public ReadOnlySpan<char> Prepare(ReadOnlySpan<char> text, bool atStart)
    {
        if (FoldSpaces)
            text = string.Join(' ', text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (text.IsEmpty)
            return text;
        if (SpaceMark is char mark && text.Contains(' '))
            text = text.ToString().Replace(' ', mark);
        var prefixed = Scheme == PrefixScheme.Always || (Scheme == PrefixScheme.First && atStart);
        return prefixed && text[0] != Prefix ? string.Concat([Prefix], text) : text;
    }

    /// <summary>Appends the words of a prepared text.</summary>
    public void Split(ReadOnlySpan<char> text, ref PooledBuffer<TextPiece> pieces)
    {
        if (text.IsEmpty)
            return;
        if (Steps.Length == 0)
        {
            pieces.Add(new TextPiece(0, text.Length));
            return;
        }
        Steps[0].Split(text, ref pieces);
        PooledBuffer<TextPiece> whole = default;
        PooledBuffer<TextPiece> parts = default;
        for (var i = 1; i < Steps.Length; i++)
        {
            if (i == 1)
            {
                whole = new PooledBuffer<TextPiece>(pieces.Count);
                parts = new PooledBuffer<TextPiece>(16);
            }
            whole.Clear();
            whole.Add(pieces.Span);
            pieces.Clear();
            foreach (var piece in whole.Span)
            {
                parts.Clear();
                Steps[i].Split(text.Slice(piece.Start, piece.Length), ref parts);
                foreach (var part in parts.Span)
                    pieces.Add(new TextPiece(piece.Start + part.Start, part.Length));
            }
        }
        if (Steps.Length > 1)
        {
            whole.Dispose();
            parts.Dispose();
        }
    }
}
