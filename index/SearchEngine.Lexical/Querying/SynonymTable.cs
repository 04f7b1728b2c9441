namespace SearchEngine.Lexical.Querying;

/// <summary>Synonyms as terms of one analyzer. Immutable.</summary>
internal sealed class SynonymTable
{
    private readonly Dictionary<string, List<QueryTerm>> _synonyms = new(StringComparer.Ordinal);
    private readonly int _longest;

    /// <param name="rules">What stands for what.</param>
    /// <param name="analyze">A word or phrase as a term; null where nothing is left of it.</param>
    /// <param name="weight">What a synonym counts.</param>
    internal SynonymTable(IEnumerable<(string[] From, string[] To)> rules, Func<string, QueryTerm?> analyze, float weight)
    {
        foreach (var (from, to) in rules)
        {
            foreach (var word in from)
            {
                if (analyze(word) is not { } left)
                    continue;
                var key = Key(First(left));
                if (!_synonyms.TryGetValue(key, out var list))
                    _synonyms[key] = list = [];
                list.AddRange(
                    to.Where(other => other != word).Select(analyze).OfType<QueryTerm>().Select(term => term with { Weight = weight })
                );
                _longest = Math.Max(_longest, First(left).Count);
            }
        }
    }

    /// <summary>Adds the synonyms of words, and of runs of words, to the clauses of a query.</summary>
    /// <param name="clauses">The clauses of the words.</param>
    /// <param name="words">The words' terms in order.</param>
    internal void Expand(List<QueryClause> clauses, IReadOnlyList<string> words)
    {
        for (var start = 0; start < words.Count; start++)
        {
            for (var length = Math.Min(_longest, words.Count - start); length > 0; length--)
            {
                if (!_synonyms.TryGetValue(Key([.. words.Skip(start).Take(length)]), out var synonyms))
                    continue;
                var own =
                    length > 1 ? -1 : clauses.FindIndex(c => !c.Alternatives[0].IsPhrase && c.Alternatives[0].Terms[0] == words[start]);
                if (own >= 0)
                    clauses[own] = clauses[own] with { Alternatives = [.. clauses[own].Alternatives, .. synonyms] };
                else
                    clauses.Add(new QueryClause(ClauseKind.Optional, synonyms));
                start += length - 1;
                break;
            }
        }
    }

    /// <summary>The first form at each position: as written.</summary>
    private static List<string> First(QueryTerm term) =>
        [.. term.Terms.Where((_, i) => i == 0 || term.Positions[i] != term.Positions[i - 1])];

    private static string Key(IReadOnlyList<string> terms) => string.Join('\n', terms);
}
