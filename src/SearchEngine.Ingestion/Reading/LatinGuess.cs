using System.Text;

namespace SearchEngine.Ingestion;

/// <summary>
/// Tells western from central European text, which detection by frequency confuses: in the wrong encoding, signs stand inside words
/// ("Za¿ó³æ"), or there are control characters.
/// </summary>
internal static class LatinGuess
{
    // Of equal ones the first: most texts have letters only that all of them have.
    private static readonly string[] Candidates = ["windows-1252", "iso-8859-2", "windows-1250"];

    internal static Encoding Of(ReadOnlySpan<byte> bytes)
    {
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
        var misfits = 0;
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
