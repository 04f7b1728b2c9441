namespace SearchEngine.Ingestion;

/// <summary>How good a place to cut is.</summary>
internal enum Boundary : byte
{
    /// <summary>Inside a word that is too long by itself.</summary>
    Character,

    /// <summary>Between words.</summary>
    Word,

    /// <summary>After a line.</summary>
    Line,

    /// <summary>After a sentence.</summary>
    Sentence,

    /// <summary>After a paragraph, or at the end of the text.</summary>
    Paragraph,
}

/// <summary>A piece [Start, End) of a text, its white space after it included, its tokens, and what ends with it.</summary>
internal readonly record struct TextUnit(int Start, int End, int Tokens, Boundary Ends);

/// <summary>
/// Cuts a text into sentences and lines, and those that are too long into runs of words. The units cover the text without gaps.
/// </summary>
internal sealed class TextUnits(Func<string, int> countTokens, int maxTokens)
{
    /// <summary>Characters per token beyond which no text is: longer pieces are cut before they are counted.</summary>
    private const int MaxCharactersPerToken = 8;

    /// <summary>A word may be this long and still be kept whole if it counts as few tokens.</summary>
    private const int MaxWordLength = 1 << 16;

    // Lower case, without the full stop.
    private static readonly HashSet<string> Abbreviations = new(StringComparer.OrdinalIgnoreCase)
    {
        "mr",
        "mrs",
        "ms",
        "dr",
        "prof",
        "st",
        "sr",
        "jr",
        "vs",
        "etc",
        "e.g",
        "i.e",
        "cf",
        "al",
        "fig",
        "figs",
        "eq",
        "no",
        "vol",
        "pp",
        "ed",
        "eds",
        "inc",
        "ltd",
        "co",
        "corp",
        "dept",
        "approx",
        "ca",
        "c",
        "b",
        "d",
        "u.s",
        "u.k",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
    };

    internal List<TextUnit> Cut(string text) => Cut(text, []);

    /// <summary>The units of a text in which some regions are cut between lines only.</summary>
    internal List<TextUnit> Cut(string text, IReadOnlyList<SourceRegion> regions)
    {
        var units = new List<TextUnit>();
        var start = 0;
        var region = 0;
        while (start < text.Length)
        {
            while (region < regions.Count && regions[region].End <= start)
            {
                region++;
            }

            var isInside = region < regions.Count && regions[region].Start <= start;
            var (end, boundary) = isInside ? NextLine(text, start) : NextEnd(text, start);
            if (!isInside && region < regions.Count && end > regions[region].Start)
            {
                (end, boundary) = (regions[region].Start, Boundary.Paragraph);
            }

            Add(units, text, start, end, boundary);
            start = end;
        }

        return units;
    }

    /// <summary>The end of the line that starts at <paramref name="start"/>, behind the blank lines after it.</summary>
    private static (int End, Boundary Boundary) NextLine(string text, int start)
    {
        var end = text.IndexOf('\n', start);
        if (end < 0)
        {
            return (text.Length, Boundary.Paragraph);
        }

        end++;
        var next = end;
        while (next < text.Length && char.IsWhiteSpace(text[next]))
        {
            if (text[next++] == '\n')
            {
                end = next;
            }
        }

        var isBlankAfter = end - 2 >= start && text.AsSpan(start, end - start).Count('\n') > 1;
        return (end, isBlankAfter || end == text.Length ? Boundary.Paragraph : Boundary.Line);
    }

    /// <summary>The end of the sentence or line that starts at <paramref name="start"/>, behind its white space.</summary>
    private static (int End, Boundary Boundary) NextEnd(string text, int start)
    {
        var at = start;
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
        for (; at < text.Length; at++)
        {
            var c = text[at];
            if (c == '\n' || IsSentenceEnd(text, start, at))
            {
                var end = c == '\n' ? at : at + 1;
                while (c != '\n' && end < text.Length && IsCloser(text[end]))
                    end++;
                var lines = 0;
                while (end < text.Length && char.IsWhiteSpace(text[end]))
                    lines += text[end++] == '\n' ? 1 : 0;
                var boundary =
                    end == text.Length || lines >= 2 ? Boundary.Paragraph
                    : c == '\n' ? Boundary.Line
                    : Boundary.Sentence;
                return (end, boundary);
            }
        }
        return (text.Length, Boundary.Paragraph);
    }

    private static bool IsSentenceEnd(string text, int start, int at)
    {
        var c = text[at];
        // Ideographic full stops and their like, the danda, the full stops and question marks of Arabic, Urdu and Ethiopic.
        if (c is '\u3002' or '\uff01' or '\uff1f' or '\uff61' or '\uff0e' or '\u0964' or '\u0965' or '\u061f' or '\u06d4' or '\u1362')
            return true;
        if (c is not ('.' or '!' or '?'))
            return false;
        var next = at + 1;
        while (next < text.Length && IsCloser(text[next]))
            next++;
        if (next < text.Length && !char.IsWhiteSpace(text[next]))
            return false;
        var after = next;
        while (after < text.Length && char.IsWhiteSpace(text[after]))
            after++;
        if (after < text.Length && char.IsLower(text[after]))
            return false;
        if (c != '.')
            return true;
        var word = at;
        while (word > start && !char.IsWhiteSpace(text[word - 1]) && text[word - 1] is not ('(' or '[' or '"'))
            word--;
        // "J. Smith": an initial.
        return !(at - word == 1 && char.IsUpper(text[word])) && !(at - word <= 6 && Abbreviations.Contains(text[word..at]));
    }

    private static bool IsCloser(char c) =>
        c
            is '"'
                or '\''
                or ')'
                or ']'
                or '}'
                or '\u201d'
                or '\u2019'
                or '\u00bb'
                or '\u300d'
                or '\u300f'
                or '\uff09'
                or '\u3011'
                or '\u300b'
                or '\u3009'
                or '\uff3d'
                or '\uff63';

    private void Add(List<TextUnit> units, string text, int start, int end, Boundary ends)
    {
        if (end - start > maxTokens * MaxCharactersPerToken)
        {
            var cut = WordEndBefore(text, start, start + maxTokens * MaxCharactersPerToken, end);
            if (cut < end)
            {
                Add(units, text, start, cut, Boundary.Word);
                AddRest(units, text, cut, end, ends);
                return;
            }
        }
        var tokens = end - start > MaxWordLength ? int.MaxValue : countTokens(text[start..end]);
        if (tokens <= maxTokens)
        {
            units.Add(new TextUnit(start, end, tokens, ends));
            return;
        }
        var middle = WordBorderNear(text, start, end);
        if (middle < 0)
        {
            middle = start + Math.Min((end - start) / 2, maxTokens * MaxCharactersPerToken);
            if (char.IsLowSurrogate(text[middle]) && char.IsHighSurrogate(text[middle - 1]))
                middle += middle + 1 < end ? 1 : -1;
            if (middle <= start || middle >= end)
            {
                units.Add(new TextUnit(start, end, tokens, ends));
                return;
            }
            Add(units, text, start, middle, Boundary.Character);
        }
        else
        {
            Add(units, text, start, middle, Boundary.Word);
        }
        AddRest(units, text, middle, end, ends);
    }

    /// <summary>The rest of a piece, by iteration: a text without line ends can be as long as a file.</summary>
    private void AddRest(List<TextUnit> units, string text, int start, int end, Boundary ends)
    {
        var limit = maxTokens * MaxCharactersPerToken;
        while (end - start > limit)
        {
            var cut = WordEndBefore(text, start, start + limit, end);
            if (cut >= end)
                break;
            Add(units, text, start, cut, Boundary.Word);
            start = cut;
        }
        if (end - start > MaxWordLength)
        {
            // One enormous word: straight pieces.
            while (end - start > limit)
            {
                var cut = start + limit;
                if (char.IsLowSurrogate(text[cut]) && char.IsHighSurrogate(text[cut - 1]))
                    cut--;
                Add(units, text, start, cut, Boundary.Character);
                start = cut;
            }
        }
        Add(units, text, start, end, ends);
    }

    /// <summary>
    /// The last place before <paramref name="limit"/>, or else the first after it, where a word has ended and its white space too.
    /// </summary>
    private static int WordEndBefore(string text, int start, int limit, int end)
    {
        for (var i = limit; i > start; i--)
        {
            if (IsWordBorder(text, i))
                return i;
        }
        for (var i = limit + 1; i < end; i++)
        {
            if (IsWordBorder(text, i))
                return i;
        }
        return end;
    }

    private static int WordBorderNear(string text, int start, int end)
    {
        var middle = start + (end - start) / 2;
        for (var distance = 0; distance <= (end - start) / 2 + 1; distance++)
        {
            if (middle - distance > start && IsWordBorder(text, middle - distance))
                return middle - distance;
            if (middle + distance < end && IsWordBorder(text, middle + distance))
                return middle + distance;
        }
        return -1;
    }

    private static bool IsWordBorder(string text, int i) =>
        i < text.Length
        && (
            (char.IsWhiteSpace(text[i - 1]) && !char.IsWhiteSpace(text[i]))
            || text[i - 1] is '\u3001' or '\uff0c' or '\uff1b' or '\uff1a' or '\u30fb'
        );
}
