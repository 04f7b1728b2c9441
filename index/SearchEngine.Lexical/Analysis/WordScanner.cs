using System.Text;

namespace SearchEngine.Lexical.Analysis;

/// <summary>
/// Cuts a text into words as people read them. A run of letters and digits, with single joiners inside (hyphens, apostrophes, dots,
/// underscores, ampersands), is one compound: it gives its parts, and where it has several, the whole as well, so that both
/// <c>wi-fi</c> and <c>wifi</c>, <c>HttpClient.GetAsync</c> and <c>GetAsync</c> and <c>async</c> find it.
/// </summary>
internal static class WordScanner
{
    /// <summary>Longer runs are cut, as by Lucene's own tokenizers.</summary>
    private const int MaxRun = 255;

    internal static List<WordPiece> Scan(ReadOnlySpan<char> text)
    {
        var pieces = new List<WordPiece>(text.Length / 6 + 4);
        var at = 0;
        while (at < text.Length)
        {
            var rune = Characters.At(text, at);
            if (!Characters.IsWord(rune))
            {
                at += rune.Utf16SequenceLength;
            }
            else if (Characters.Script(rune) is { } script)
            {
                var end = ScriptEnd(text, at, script);
                pieces.Add(new WordPiece(text[at..end].ToString(), at, end, 1, script));
                at = end;
            }
            else
            {
                var end = CompoundEnd(text, at);
                CompoundPieces.Add(pieces, text, at, end);
                at = end;
            }
        }
        return pieces;
    }

    private static int ScriptEnd(ReadOnlySpan<char> text, int at, string script)
    {
        var start = at;
        while (at < text.Length && at - start < MaxRun && Characters.At(text, at) is var rune && Characters.Script(rune) == script)
            at += rune.Utf16SequenceLength;
        return at;
    }

    private static int CompoundEnd(ReadOnlySpan<char> text, int at)
    {
        var start = at;
        while (at < text.Length && at - start < MaxRun)
        {
            var rune = Characters.At(text, at);
            if (IsPart(rune))
            {
                at += rune.Utf16SequenceLength;
                continue;
            }
            var next = AfterJoiner(text, at);
            if (next < 0)
                break;
            at = next;
        }
        return WithSuffix(text, start, at);
    }

    private static bool IsPart(Rune rune) => Characters.IsWord(rune) && Characters.Script(rune) is null;

    /// <summary>Where the compound goes on behind a joiner; -1 where there is none, or nothing that it joins.</summary>
    private static int AfterJoiner(ReadOnlySpan<char> text, int at)
    {
        var joiner = text[at];
        var next = at + 1;
        while (next < text.Length && (joiner == '_' && text[next] == '_' || text[next] == Characters.SoftHyphen))
            next++;
        if (next >= text.Length || !IsPart(Characters.At(text, next)))
            return -1;
        var (before, after) = (text[at - 1], text[next]);
        var joins = joiner switch
        {
            '_' or Characters.SoftHyphen => true,
            // Between two numbers a comma groups thousands, or else it separates.
            ',' => char.IsAsciiDigit(before) && IsThousands(text, next),
            '.' => true,
            '&' => char.IsLetter(before) && char.IsLetter(after),
            _ when Characters.IsApostrophe(joiner) => char.IsLetter(before) && char.IsLetter(after),
            // From one number to another a hyphen is a range or a date.
            _ when Characters.IsHyphen(joiner) => !(char.IsDigit(before) && char.IsDigit(after)),
            _ => false,
        };
        return joins ? next : -1;
    }

    private static bool IsThousands(ReadOnlySpan<char> text, int at)
    {
        var digits = 0;
        while (at + digits < text.Length && char.IsAsciiDigit(text[at + digits]))
            digits++;
        return digits == 3;
    }

    /// <summary>C#, F#, C++ and C++20 are words.</summary>
    private static int WithSuffix(ReadOnlySpan<char> text, int start, int end)
    {
        if (end >= text.Length || !char.IsAsciiLetter(text[end - 1]))
            return end;
        if (text[end] == '#' && end - start <= 2 && !Continues(text, end + 1))
            return end + 1;
        if (text[end] != '+' || end + 1 >= text.Length || text[end + 1] != '+' || end + 2 < text.Length && text[end + 2] == '+')
            return end;
        end += 2;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        return end;
    }

    private static bool Continues(ReadOnlySpan<char> text, int at) =>
        at < text.Length && (text[at] == '#' || Characters.IsWord(Characters.At(text, at)));
}
