using System.Text;

namespace SearchEngine.Ingestion;

/// <summary>
/// Puts letters and the marks behind them together (normalization form C of Latin, Greek, Cyrillic and Hangul): "e" and an acute are "é", as people type
/// it when they search. Here because <see cref="string.Normalize(NormalizationForm)"/> does nothing in programs that run with invariant globalization.
/// </summary>
internal static class TextComposition
{
    private const char FirstMark = '\u0300';
    private const char LastMark = '\u036f';
    private const char FirstJamo = '\u1100';
    private const char LastJamo = '\u11ff';
    private const int Syllables = 0xAC00;
    private const int Vowels = 21;
    private const int Finals = 28;

    internal static string Compose(string text)
    {
        var first = text.AsSpan().IndexOfAnyInRange(FirstMark, LastMark);
        var jamo = text.AsSpan().IndexOfAnyInRange(FirstJamo, LastJamo);
        if (first < 0 && jamo < 0)
        {
            return text;
        }

        var composed = new StringBuilder(text.Length);
        // Where the letter stands that marks may join; behind a mark that joins none, others may still (those below and above it).
        var letter = -1;
        foreach (var c in text)
        {
            if (letter >= 0 && Joined(composed[letter], c, letter == composed.Length - 1) is { } joined)
            {
                composed[letter] = joined;
                continue;
            }

            if (c is < FirstMark or > LastMark)
            {
                letter = composed.Length;
            }

            composed.Append(c);
        }

        return composed.ToString();
    }

    private static char? Joined(char before, char c, bool isNext) =>
        c is >= FirstMark and <= LastMark ? CompositionTable.Find(before, c)
        : isNext && before is >= '\u1100' and <= '\u1112' && c is >= '\u1161' and <= '\u1175'
            ? (char)(Syllables + ((((before - '\u1100') * Vowels) + (c - '\u1161')) * Finals))
        : isNext && before is >= '\uac00' and <= '\ud7a3' && (before - Syllables) % Finals == 0 && c is >= '\u11a8' and <= '\u11c2'
            ? (char)(before + (c - '\u11a7'))
        : null;
}
