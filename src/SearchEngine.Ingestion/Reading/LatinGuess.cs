using System.Text;

namespace SearchEngine.Ingestion;

/// <summary>
/// Tells western from central European text, which detection by frequency confuses: in the wrong encoding, signs stand inside words
/// ("Za¿ó³æ"), or there are control characters.
/// </summary>
internal static class LatinGuess
{
    // Of equal ones the first: most texts have letters only that all of them have.
    private static readonly string[] Candidates = ["windows-1252", "iso-8859-2", "windows-1250", "iso-8859-15"];

    /// <summary>Western and central European encodings, which are told apart here whatever was detected.</summary>
    private static readonly HashSet<int> Confused = [1252, 28591, 28605, 1250, 28592];

    /// <summary>Baltic ones; western text is taken for them where it has few letters beyond ASCII.</summary>
    private static readonly HashSet<int> Baltic = [1257, 28594, 28603];

    private const string Icelandic = "áéíóúýþæðöÁÉÍÓÚÝÞÆÐÖ";

    /// <summary>Whether an encoding is one of these.</summary>
    internal static bool IsLatin(Encoding encoding) => Confused.Contains(encoding.CodePage) || Baltic.Contains(encoding.CodePage);

    /// <summary>The encoding of a text.</summary>
    /// <param name="bytes">The text.</param>
    /// <param name="detected">What it was detected as; null where nothing was.</param>
    internal static Encoding Of(ReadOnlySpan<byte> bytes, Encoding? detected)
    {
        if (detected is not null && Baltic.Contains(detected.CodePage))
        {
            // Baltic letters, read as western ones, are signs, or thorn and eth among letters that Icelandic has not.
            var western = TextDecoder.Find(Candidates[0])!;
            var text = western.GetString(bytes);
            var isWestern =
                Misfits(text) == 0
                && (
                    text.AsSpan().IndexOfAny("þðÞÐ") < 0
                    || text.All(c => !char.IsLetter(c) || c < '\u0080' || Icelandic.Contains(c, StringComparison.Ordinal))
                );
            return isWestern ? western : detected;
        }

        var best = TextDecoder.Find(Candidates[0])!;
        var fewest = int.MaxValue;
        foreach (var name in Candidates)
        {
            var encoding = TextDecoder.Find(name)!;
            var misfits = Misfits(encoding.GetString(bytes));
            if (misfits < fewest)
            {
                (best, fewest) = (encoding, misfits);
            }
        }

        return best;
    }

    /// <summary>Signs beyond ASCII beside a letter, and control characters.</summary>
    private static int Misfits(string text)
    {
        // Hungarian, read as western, has letters in one text that no western language has both.
        var misfits = text.AsSpan().IndexOfAny('õ', 'Õ') >= 0 && text.AsSpan().IndexOfAny('û', 'Û') >= 0 ? 2 : 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c < '\u0080' || char.IsLetter(c))
            {
                continue;
            }

            if (char.IsControl(c))
            {
                misfits += 4;
            }
            else if (
                c
                    is not (
                        '\u2019'
                        or '\u2018'
                        or '\u201c'
                        or '\u201d'
                        or '\u201e'
                        or '\u00ab'
                        or '\u00bb'
                        or '\u2013'
                        or '\u2014'
                        or '\u00b7'
                        or '\u00a0'
                        or '\u2026'
                    )
                && i > 0
                && i + 1 < text.Length
                && char.IsLetter(text[i - 1])
                && char.IsLetter(text[i + 1])
            )
            {
                misfits += 2;
            }
            else if (c is '\u02dd' or '\u02c7' or '\u02d8' or '\u02db' or '\u02d9' && i + 1 < text.Length && char.IsLetter(text[i + 1]))
            {
                misfits += 2;
            }
            else if (
                c is '\u00bd' or '\u00bc'
                && i + 1 < text.Length
                && char.IsLetter(text[i + 1])
                && !(i > 0 && char.IsDigit(text[i - 1]))
            )
            {
                misfits++;
            }
            else if (
                c is '\u00bf' or '\u00b3' or '\u00b1' or '\u00b6' or '\u00bc' or '\u00be' or '\u00b9'
                && i > 0
                && char.IsLetter(text[i - 1])
            )
            {
                misfits++;
            }
        }

        return misfits;
    }
}
