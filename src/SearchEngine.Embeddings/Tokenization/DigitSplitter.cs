namespace SearchEngine.Embeddings;

/// <summary>Cuts numbers from the rest, as one piece or digit by digit.</summary>
internal sealed class DigitSplitter(bool individual) : PieceSplitter
{
    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<char> text, ref PooledBuffer<TextPiece> pieces)
    {
        var start = 0;
        var inNumber = false;
        for (var i = 0; i < text.Length; )
        {
            var number = CharacterClasses.At(text, i, out var length) == CharacterClasses.Number;
            if (i > start && (number != inNumber || (number && individual)))
            {
                pieces.Add(new TextPiece(start, i - start));
                start = i;
            }
            inNumber = number;
            i += length;
        }
        if (start < text.Length)
            pieces.Add(new TextPiece(start, text.Length - start));
    }
}
