using System.Globalization;
using System.Text.RegularExpressions;

namespace SearchEngine.Embeddings;

/// <summary>
/// Cuts by any regular expression. .NET matches UTF-16 and sees two surrogates where the expression means one character; so a text with
/// such characters is matched in a stand-in in which each is replaced by one char of the same Unicode category.
/// </summary>
internal sealed class PatternSplitter : PieceSplitter
{
    /// <summary>An expression from a model folder must not hang the process.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private static readonly char[] StandIns = BuildStandIns();

    private readonly Regex _regex;
    private readonly SplitBehavior _behavior;
    private readonly bool _invert;

    /// <param name="pattern">The expression, in the syntax that .NET and Oniguruma share.</param>
    /// <param name="behavior">What becomes of the matches.</param>
    /// <param name="invert">True to take what lies between the matches as the matches.</param>
    /// <exception cref="ArgumentException">The expression is not valid in .NET, or spells characters outside the basic plane.</exception>
    public PatternSplitter(string pattern, SplitBehavior behavior, bool invert)
    {
        if (pattern.Any(char.IsSurrogate) || pattern.Contains(@"\x{", StringComparison.Ordinal) || pattern.Contains(@"\U", StringComparison.Ordinal))
            throw new ArgumentException("it spells characters outside the basic multilingual plane.", nameof(pattern));
        _regex = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.Compiled, Timeout);
        _behavior = behavior;
        _invert = invert;
    }

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<char> text, ref PooledBuffer<TextPiece> pieces)
    {
        if (!text.ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            Cut(text, [], text.Length, ref pieces);
            return;
        }
        char[] standIn = new char[text.Length];
        int[] places = new int[text.Length + 1];
        int count = 0;
        for (int i = 0; i < text.Length; count++)
        {
            places[count] = i;
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                standIn[count] = StandIns[(int)CharUnicodeInfo.GetUnicodeCategory(char.ConvertToUtf32(text[i], text[i + 1]))];
                i += 2;
            }
            else
            {
                standIn[count] = char.IsSurrogate(text[i]) ? '\uFFFD' : text[i];
                i++;
            }
        }
        places[count] = text.Length;
        Cut(standIn.AsSpan(0, count), places, count, ref pieces);
    }

    private void Cut(ReadOnlySpan<char> text, ReadOnlySpan<int> places, int length, ref PooledBuffer<TextPiece> pieces)
    {
        List<(int Start, int End, bool Match)> parts = [];
        int previous = 0;
        foreach (ValueMatch match in _regex.EnumerateMatches(text))
        {
            if (match.Length == 0)
                continue;
            if (match.Index > previous)
                parts.Add((previous, match.Index, _invert));
            parts.Add((match.Index, match.Index + match.Length, !_invert));
            previous = match.Index + match.Length;
        }
        if (previous < length)
            parts.Add((previous, length, _invert));
        foreach ((int start, int end) in Combine(parts))
        {
            int from = places.IsEmpty ? start : places[start];
            int to = places.IsEmpty ? end : places[end];
            pieces.Add(new TextPiece(from, to - from));
        }
    }

    private List<(int Start, int End)> Combine(List<(int Start, int End, bool Match)> parts)
    {
        List<(int Start, int End)> result = [];
        bool previousMatch = false;
        for (int i = 0; i < parts.Count; i++)
        {
            (int start, int end, bool match) = parts[i];
            bool joins = _behavior switch
            {
                SplitBehavior.MergedWithPrevious => match && i > 0 && !previousMatch,
                SplitBehavior.MergedWithNext => !match && previousMatch,
                SplitBehavior.Contiguous => i > 0 && match == previousMatch,
                _ => false,
            };
            if (joins)
                result[^1] = (result[^1].Start, end);
            else if (!match || _behavior != SplitBehavior.Removed)
                result.Add((start, end));
            previousMatch = match;
        }
        return result;
    }

    /// <summary>A char of the basic plane for every category, one that patterns do not spell.</summary>
    private static char[] BuildStandIns()
    {
        char[] standIns = new char[30];
        Array.Fill(standIns, '\uFFFD');
        for (int c = 0xFFFD; c > 0x00FF; c--)
        {
            if (!char.IsSurrogate((char)c) && !char.IsWhiteSpace((char)c))
                standIns[(int)CharUnicodeInfo.GetUnicodeCategory((char)c)] = (char)c;
        }
        // Letters and marks far from the ranges that patterns name (Han, kana).
        standIns[(int)UnicodeCategory.OtherLetter] = '\u16A0';
        standIns[(int)UnicodeCategory.OtherSymbol] = '\u2603';
        return standIns;
    }
}
