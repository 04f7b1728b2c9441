using SearchEngine.Lexical.Analysis;

namespace SearchEngine.Lexical.Querying;

/// <summary>
/// Finds the window of a text whose matches weigh most: each distinct term counts its weight once, a repetition a tenth of it,
/// the earliest window wins ties.
/// </summary>
internal static class SnippetFinder
{
    internal const int MinLength = 20;

    private const float RepetitionWeight = 0.1f;

    /// <summary>The share of unused room that goes before the first match: readers need more of what follows.</summary>
    private const float RoomBefore = 0.35f;

    /// <param name="text">The source.</param>
    /// <param name="matches">Matching tokens by ascending start.</param>
    /// <param name="weights">Weight of each term among <paramref name="matches"/>.</param>
    /// <param name="maxLength">Longest snippet.</param>
    internal static LexicalSnippet Find(string text, List<TextToken> matches, IReadOnlyDictionary<string, float> weights, int maxLength)
    {
        (var first, var last) = BestWindow(matches, weights, maxLength);
        var start = 0;
        var end = Math.Min(text.Length, maxLength);
        if (last >= 0)
        {
            var matchStart = matches[first].Start;
            var matchEnd = Math.Min(matches[last].End, matchStart + maxLength);
            var room = maxLength - (matchEnd - matchStart);
            start = Math.Max(0, matchStart - (int)(room * RoomBefore));
            end = Math.Min(text.Length, start + maxLength);
            start = Math.Max(0, Math.Min(start, end - maxLength));
            start = WordStart(text, start, matchStart);
            end = WordEnd(text, Math.Min(text.Length, start + maxLength), Math.Max(matchEnd, start));
        }
        else
        {
            while (start < end && char.IsWhiteSpace(text[start]))
                start++;
            end = WordEnd(text, Math.Min(text.Length, start + maxLength), start);
        }
        while (end > start && char.IsWhiteSpace(text[end - 1]))
            end--;
        return new LexicalSnippet(
            text[start..end],
            start,
            HasText(text, 0, start),
            HasText(text, end, text.Length),
            Spans(matches, start, end)
        );
    }

    private static (int First, int Last) BestWindow(List<TextToken> matches, IReadOnlyDictionary<string, float> weights, int maxLength)
    {
        var best = (0, -1);
        float bestWeight = 0;
        float weight = 0;
        var next = 0;
        var inside = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var first = 0; first < matches.Count; first++)
        {
            while (next < matches.Count && (next == first || matches[next].End - matches[first].Start <= maxLength))
            {
                var term = matches[next].Term;
                var count = inside.GetValueOrDefault(term);
                weight += count == 0 ? weights[term] : RepetitionWeight * weights[term];
                inside[term] = count + 1;
                next++;
            }
            // A small margin keeps rounding in the running sum from preferring a later, equal window.
            if (weight > bestWeight + 1e-4f * bestWeight || bestWeight == 0 && next > first && best.Item2 < 0)
            {
                bestWeight = weight;
                best = (first, next - 1);
            }
            var leaving = matches[first].Term;
            var left = --inside[leaving];
            weight -= left == 0 ? weights[leaving] : RepetitionWeight * weights[leaving];
        }
        return best;
    }

    /// <summary>The first word start in [from, limit]; <paramref name="limit"/> itself starts a match.</summary>
    private static int WordStart(string text, int from, int limit)
    {
        if (from == 0)
            return 0;
        for (var i = from; i < limit; i++)
        {
            if (char.IsWhiteSpace(text[i - 1]) && !char.IsWhiteSpace(text[i]))
                return i;
        }
        return limit;
    }

    /// <summary>The last word end in [limit, from]; if there is none, <paramref name="from"/> without cutting a surrogate pair.</summary>
    private static int WordEnd(string text, int from, int limit)
    {
        if (from >= text.Length)
            return text.Length;
        for (var i = from; i > limit; i--)
        {
            if (char.IsWhiteSpace(text[i]))
                return i;
        }
        var end = Math.Max(from, limit);
        if (end < text.Length && end > 0 && char.IsLowSurrogate(text[end]) && char.IsHighSurrogate(text[end - 1]))
            end--;
        return end;
    }

    private static bool HasText(string text, int from, int to) => !text.AsSpan(from, to - from).IsWhiteSpace();

    private static List<LexicalSpan> Spans(List<TextToken> matches, int start, int end)
    {
        var spans = new List<LexicalSpan>();
        var covered = start;
        foreach (var match in matches)
        {
            var from = Math.Max(match.Start, covered);
            var to = Math.Min(match.End, end);
            if (match.Start < start || from >= to)
                continue;
            spans.Add(new LexicalSpan(from - start, to - from));
            covered = to;
        }
        return spans;
    }
}
