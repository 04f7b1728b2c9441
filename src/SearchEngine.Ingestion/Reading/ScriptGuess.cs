using System.Text;

namespace SearchEngine.Ingestion;

/// <summary>
/// Recognizes texts of other scripts that are too short, or too much in capitals, for detection by frequency, by their build: in Latin
/// letters those beyond ASCII stand among those of ASCII; in others whole words have none of ASCII, or all bytes come in pairs.
/// </summary>
internal static class ScriptGuess
{
    /// <summary>Pairs below which a text says nothing by its build.</summary>
    private const int MinPairs = 2;

    /// <summary>Shorter words without an ASCII letter are in Latin texts too ("à", "«»").</summary>
    private const int MinWord = 3;

    /// <summary>Of the letters of a text in a script with vowels so many are vowels.</summary>
    private const double VowelShare = 0.43;

    // Of equal ones the first.
    private static readonly (string Name, string Vowels)[] Alphabets =
    [
        ("windows-1251", "аеёиоуыэюяіїє"),
        ("koi8-r", "аеёиоуыэюя"),
        ("windows-1253", "αεηιουωάέήίόύώ"),
    ];

    /// <summary>The encoding; null where the bytes may well be Latin letters.</summary>
    internal static Encoding? Of(ReadOnlySpan<byte> bytes) =>
        IsShiftJis(bytes) ? TextDecoder.Find("shift_jis")
        : !HasForeignWords(bytes) ? null
        : OfPairs(bytes) ?? OfAlphabet(bytes);

    /// <summary>Whether all of it is Shift-JIS, and a good part of it kana, whose first bytes are no letters elsewhere.</summary>
    private static bool IsShiftJis(ReadOnlySpan<byte> bytes)
    {
        var pairs = 0;
        var kana = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            var b = bytes[i];
            if (b is < 0x80 or (>= 0xA1 and <= 0xDF))
            {
                continue;
            }

            if (b is 0x80 or 0xA0 or > 0xFC)
            {
                return false;
            }

            if (i + 1 == bytes.Length)
            {
                break;
            }

            if (bytes[++i] is < 0x40 or 0x7F or > 0xFC)
            {
                return false;
            }

            pairs++;
            kana += b is 0x82 or 0x83 ? 1 : 0;
        }

        return kana >= MinPairs && kana * 3 >= pairs;
    }

    /// <summary>Whether there are words without ASCII letters and none in which others stand among them.</summary>
    private static bool HasForeignWords(ReadOnlySpan<byte> bytes)
    {
        var words = 0;
        for (var i = 0; i < bytes.Length; )
        {
            if (bytes[i] < 0x80)
            {
                i++;
                continue;
            }

            var start = i;
            while (i < bytes.Length && bytes[i] >= 0x80)
            {
                i++;
            }

            if ((start > 0 && char.IsAsciiLetter((char)bytes[start - 1])) || (i < bytes.Length && char.IsAsciiLetter((char)bytes[i])))
            {
                return false;
            }

            words += i - start >= MinWord ? 1 : 0;
        }

        return words > 0;
    }

    /// <summary>The encoding of a text whose bytes above ASCII come in pairs, as those of EUC do.</summary>
    private static Encoding? OfPairs(ReadOnlySpan<byte> bytes)
    {
        var pairs = 0;
        var kana = 0;
        var hangul = 0;
        var common = 0;
        var gaps = 0;
        var repeated = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            var lead = bytes[i];
            if (lead < 0x80)
            {
                gaps += lead == ' ' && pairs > 0 && i + 1 < bytes.Length && bytes[i + 1] > 0x80 ? 1 : 0;
                continue;
            }

            if (lead < 0xA1 || i + 1 == bytes.Length || bytes[++i] < 0xA1)
            {
                return null;
            }

            pairs++;
            repeated += bytes[i] == lead ? 1 : 0;
            kana += lead is 0xA4 or 0xA5 ? 1 : 0;
            hangul += lead is >= 0xB0 and <= 0xC8 ? 1 : 0;
            common += lead is >= 0xB0 and <= 0xD7 ? 1 : 0;
        }

        // A sign that is repeated is a line or an ornament. Words of Korean have spaces between them; the rows of its syllables are half of those of common Chinese ones.
        return pairs < MinPairs || repeated * 2 > pairs ? null
            : kana * 4 >= pairs ? TextDecoder.Find("euc-jp")
            : gaps > 0 && hangul * 10 >= pairs * 9 ? TextDecoder.Find("euc-kr")
            : common * 10 >= pairs * 6 ? TextDecoder.Find("gb18030")
            : null;
    }

    private static Encoding? OfAlphabet(ReadOnlySpan<byte> bytes)
    {
        Encoding? best = null;
        var nearest = VowelShare / 2;
        foreach (var (name, vowels) in Alphabets)
        {
            var encoding = TextDecoder.Find(name)!;
            var letters = encoding.GetString(bytes).ToLowerInvariant().Where(c => c >= '\u0080').ToList();
            if (letters.Count == 0 || letters.Count(char.IsLetter) * 10 < letters.Count * 9)
            {
                continue;
            }

            var distance = Math.Abs(
                VowelShare - ((double)letters.Count(c => vowels.Contains(c, StringComparison.Ordinal)) / letters.Count)
            );
            if (distance < nearest)
            {
                (best, nearest) = (encoding, distance);
            }
        }

        return best;
    }
}
