using System.Text;

namespace SearchEngine.Lexical.Analysis;

/// <summary>
/// Takes a compound apart: the whole, its segments between joiners, and the parts of segments that change case or go from letters to
/// digits.
/// </summary>
internal static class CompoundPieces
{
    /// <summary>A longer whole (a path, an address) is found by its segments.</summary>
    private const int MaxWhole = 64;

    /// <summary>Fewer letters before digits are a name (p53, H2O, v3): more are a word and a number (sha256).</summary>
    private const int MinLettersBeforeDigits = 3;

    /// <summary>More letters behind digits are no unit.</summary>
    private const int MaxUnit = 4;

    internal static void Add(List<WordPiece> pieces, ReadOnlySpan<char> text, int start, int end)
    {
        var dotted =
            start > 0
            && text[start - 1] == '.'
            && char.IsLetter(text[start])
            && (start == 1 || char.IsWhiteSpace(text[start - 2]) || text[start - 2] is '(' or '"');
        var segments = Segments(text, start, end);
        if (segments.Count == 1 && !dotted)
        {
            AddSegment(pieces, text, segments[0], 1);
            return;
        }
        var increment = 1;
        if (Whole(text, segments, dotted) is { } whole)
        {
            pieces.Add(new WordPiece(whole, dotted ? start - 1 : start, end, 1, TokenTypes.Whole));
            increment = 0;
            // U.S. and e.g.: single letters mean nothing alone.
            if (segments.TrueForAll(s => s.End - s.Start == 1))
                return;
        }
        foreach (var segment in segments)
        {
            AddSegment(pieces, text, segment, increment);
            increment = 1;
        }
    }

    private static List<(int Start, int End)> Segments(ReadOnlySpan<char> text, int start, int end)
    {
        var segments = new List<(int Start, int End)>();
        var from = start;
        for (var at = start; at <= end; at++)
        {
            if (at < end && !Splits(text, at))
                continue;
            if (at > from)
                segments.Add((from, at));
            from = at + 1;
        }
        // What follows an English apostrophe is an ending.
        if (segments.Count > 1 && Characters.IsApostrophe(text[segments[^1].Start - 1]))
        {
            var ending = text[segments[^1].Start..segments[^1].End];
            if (ending.Equals("s", StringComparison.OrdinalIgnoreCase))
                segments.RemoveAt(segments.Count - 1);
            else if (ending.Length <= 2 && ending.ToString().ToLowerInvariant() is "t" or "re" or "ve" or "ll" or "d" or "m")
                (segments[^2], _) = ((segments[^2].Start, segments[^1].End), segments.Remove(segments[^1]));
        }
        return segments;
    }

    private static bool Splits(ReadOnlySpan<char> text, int at)
    {
        var c = text[at];
        if (c is '_' or '&' || Characters.IsHyphen(c) || Characters.IsApostrophe(c))
            return true;
        // A dot between digits belongs to a number or version.
        return c == '.' && !(char.IsDigit(text[at - 1]) && char.IsDigit(text[at + 1]));
    }

    /// <summary>
    /// The compound as one word: dots and ampersands stay, but for single letters between dots; null where it would be too long.
    /// </summary>
    private static string? Whole(ReadOnlySpan<char> text, List<(int Start, int End)> segments, bool dotted)
    {
        var whole = new StringBuilder(dotted ? "." : "");
        var abbreviation = segments.TrueForAll(s => s.End - s.Start == 1);
        for (var i = 0; i < segments.Count; i++)
        {
            if (i > 0 && text[segments[i].Start - 1] is '.' or '&' && !(abbreviation && text[segments[i].Start - 1] == '.'))
                whole.Append(text[segments[i].Start - 1]);
            Append(whole, text[segments[i].Start..segments[i].End]);
        }
        return whole.Length <= MaxWhole ? whole.ToString() : null;
    }

    private static void AddSegment(List<WordPiece> pieces, ReadOnlySpan<char> text, (int Start, int End) segment, int increment)
    {
        var parts = Parts(text, segment);
        if (parts.Count == 0)
        {
            pieces.Add(new WordPiece(Plain(text, segment), segment.Start, segment.End, increment, TokenTypes.Word));
            return;
        }
        pieces.Add(new WordPiece(Plain(text, segment), segment.Start, segment.End, increment, TokenTypes.OnePiece));
        for (var i = 0; i < parts.Count; i++)
            pieces.Add(new WordPiece(Plain(text, parts[i]), parts[i].Start, parts[i].End, i == 0 ? 0 : 1, TokenTypes.Word));
    }

    /// <summary>The parts of a segment; empty where it is one word.</summary>
    private static List<(int Start, int End)> Parts(ReadOnlySpan<char> text, (int Start, int End) segment)
    {
        var parts = new List<(int Start, int End)>();
        var from = segment.Start;
        for (var at = segment.Start + 1; at < segment.End; at++)
        {
            if (!Changes(text, segment, at))
                continue;
            parts.Add((from, at));
            from = at;
        }
        if (parts.Count == 0)
            return parts;
        parts.Add((from, segment.End));
        // v3.5.1: the number alone is a part, the letter is none.
        if (parts is [{ } letter, _] && letter.End - letter.Start == 1 && char.IsDigit(text[letter.End]))
            return [parts[1]];
        // iPhone, mRNA, python3: one character is no part. A unit may be one.
        var single = parts.FindIndex(p => p.End - p.Start == 1);
        return single < 0 || char.IsDigit(text[segment.Start]) ? parts : [];
    }

    private static bool Changes(ReadOnlySpan<char> text, (int Start, int End) segment, int at)
    {
        var (before, after) = (text[at - 1], text[at]);
        if (char.IsLower(before) && char.IsUpper(after))
            return true;
        // HTTPServer: the last capital belongs to what follows.
        if (char.IsUpper(before) && char.IsUpper(after) && at + 1 < segment.End && char.IsLower(text[at + 1]))
            return at - segment.Start > 1;
        if (char.IsLetter(before) && char.IsDigit(after))
        {
            var letters = 1;
            while (at - letters > segment.Start && char.IsLetter(text[at - letters - 1]))
                letters++;
            var isVersion = text[at..segment.End].Contains('.') && letters == 1 && at - letters == segment.Start;
            return isVersion || letters >= MinLettersBeforeDigits;
        }
        if (!char.IsDigit(before) || !char.IsLetter(after) || !char.IsAsciiDigit(text[segment.Start]))
            return false;
        // 5mg, 100GB: a number and its unit.
        for (var i = segment.Start; i < at; i++)
        {
            if (!char.IsDigit(text[i]) && text[i] is not ('.' or ','))
                return false;
        }
        return segment.End - at <= MaxUnit;
    }

    private static string Plain(ReadOnlySpan<char> text, (int Start, int End) part)
    {
        var span = text[part.Start..part.End];
        if (!NeedsCleaning(span))
            return span.ToString();
        var plain = new StringBuilder(span.Length);
        Append(plain, span);
        return plain.ToString();
    }

    private static bool NeedsCleaning(ReadOnlySpan<char> span)
    {
        foreach (var c in span)
        {
            if (c is ',' or Characters.SoftHyphen || Characters.IsApostrophe(c))
                return true;
        }
        return false;
    }

    private static void Append(StringBuilder plain, ReadOnlySpan<char> span)
    {
        foreach (var c in span)
        {
            if (c is not (',' or Characters.SoftHyphen) && !Characters.IsApostrophe(c))
                plain.Append(c);
        }
    }
}
