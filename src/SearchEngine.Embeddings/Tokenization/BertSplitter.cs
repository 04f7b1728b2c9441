using System.Buffers;
using System.Globalization;
using System.Text;

namespace SearchEngine.Embeddings.Tokenization;

/// <summary>BERT's words: what lies between white space, with every punctuation mark a word of its own. Thread-safe.</summary>
internal sealed class BertSplitter : PieceSplitter
{
    private const byte Space = 1,
        Mark = 2;

    private static readonly byte[] Table = BuildTable();

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<char> text, ref PooledBuffer<TextPiece> pieces)
    {
        var start = 0;
        for (var i = 0; i < text.Length; )
        {
            var kind = Kind(text, i, out var length);
            if (kind != 0)
            {
                if (i > start)
                    pieces.Add(new TextPiece(start, i - start));
                if (kind == Mark)
                    pieces.Add(new TextPiece(i, length));
                start = i + length;
            }
            i += length;
        }
        if (text.Length > start)
            pieces.Add(new TextPiece(start, text.Length - start));
    }

    /// <summary>
    /// Punctuation as BERT has it: the categories P, and every ASCII character that is neither letter, digit, space nor control.
    /// </summary>
    internal static bool IsPunctuation(Rune rune) =>
        (rune.IsAscii && rune.Value is > ' ' and < 127 && !char.IsAsciiLetterOrDigit((char)rune.Value))
        || Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.ConnectorPunctuation
                or UnicodeCategory.DashPunctuation
                or UnicodeCategory.OpenPunctuation
                or UnicodeCategory.ClosePunctuation
                or UnicodeCategory.InitialQuotePunctuation
                or UnicodeCategory.FinalQuotePunctuation
                or UnicodeCategory.OtherPunctuation;

    private static byte Kind(ReadOnlySpan<char> text, int index, out int length)
    {
        var c = text[index];
        length = 1;
        if (!char.IsSurrogate(c))
            return Table[c];
        if (Rune.DecodeFromUtf16(text[index..], out var rune, out length) != OperationStatus.Done)
            return 0;
        return IsPunctuation(rune) ? Mark : (byte)0;
    }

    private static byte[] BuildTable()
    {
        var table = new byte[0x10000];
        for (var c = 0; c < table.Length; c++)
        {
            if (Rune.TryCreate(c, out var rune))
            {
                table[c] =
                    Rune.IsWhiteSpace(rune) ? Space
                    : IsPunctuation(rune) ? Mark
                    : (byte)0;
            }
        }
        return table;
    }
}
