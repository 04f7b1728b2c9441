namespace SearchEngine.Embeddings;

/// <summary>Cuts numbers from the rest, as one piece or digit by digit.</summary>
internal sealed class DigitSplitter(bool individual) : PieceSplitter
{
    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<char> text, ref PooledBuffer<TextPiece> pieces)
    {
        int start = 0;
        bool inNumber = false;
        for (int i = 0; i < text.Length;)
        {
            bool number = CharacterClasses.At(text, i, out int length) == CharacterClasses.Number;
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
