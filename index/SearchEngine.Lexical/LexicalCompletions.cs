using SearchEngine.Lexical.Querying;

namespace SearchEngine.Lexical;

/// <summary>
/// What a text that someone is typing may go on with, before the words in front are looked at. Those of several indexes make those of one
/// with all their documents (<see cref="Merge"/>), as long as none <see cref="IsCut"/>.
/// </summary>
/// <param name="Start">Where the unfinished word begins, in UTF-16 code units.</param>
/// <param name="Candidates">The most frequent words for it, in no particular order.</param>
/// <param name="AreNear">Whether these are words near it: none begins with it.</param>
/// <param name="IsCut">Whether there are more words than were asked for.</param>
/// <param name="Before">The words in front that the index knows.</param>
public sealed record LexicalCompletions(
    int Start,
    IReadOnlyList<LexicalWordCount> Candidates,
    bool AreNear,
    bool IsCut,
    IReadOnlyList<string> Before
)
{
    /// <summary>Those of all indexes together, with the candidates that count.</summary>
    /// <param name="parts">What each index gave for the same text; one at least.</param>
    public static LexicalCompletions Merge(IReadOnlyCollection<LexicalCompletions> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var starting = parts.Where(part => !part.AreNear && part.Candidates.Count > 0).ToArray();
        var counted = (starting.Length > 0 ? starting : parts)
            .SelectMany(part => part.Candidates)
            .GroupBy(candidate => candidate.Word, StringComparer.Ordinal)
            .Select(group => new LexicalWordCount(group.Key, group.Sum(candidate => candidate.Documents)));
        return new LexicalCompletions(
            parts.First().Start,
            [.. InOrder(counted).Take(Completer.MaxCandidates)],
            starting.Length == 0,
            parts.Any(part => part.IsCut),
            [.. parts.SelectMany(part => part.Before).Distinct(StringComparer.Ordinal)]
        );
    }

    /// <summary>The suggestions.</summary>
    /// <param name="text">The text.</param>
    /// <param name="together">In how many documents each candidate is together with the words in front; null where no document has
    /// those.</param>
    /// <param name="top">Most suggestions.</param>
    public IReadOnlyList<LexicalSuggestion> Suggest(string text, IReadOnlyList<long>? together, int top)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ranked = Candidates;
        if (together is not null)
        {
            LexicalWordCount[] found =
            [
                .. Candidates.Zip(together, (candidate, count) => candidate with { Documents = count }).Where(c => c.Documents > 0),
            ];
            if (found.Length > 0)
                ranked = found;
        }

        return
        [
            .. InOrder(ranked)
                .Take(top)
                .Select(c => new LexicalSuggestion(text[..Start] + c.Word, c.Word, (int)Math.Min(c.Documents, int.MaxValue))),
        ];
    }

    private static IOrderedEnumerable<LexicalWordCount> InOrder(IEnumerable<LexicalWordCount> words) =>
        words.OrderByDescending(c => c.Documents).ThenBy(c => c.Word, StringComparer.Ordinal);
}
