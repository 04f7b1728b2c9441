namespace SearchEngine.Lexical;

/// <summary>
/// All numbers about an index as a whole that a keyword query's scores depend on. Those of several indexes add up to those of one with all
/// their documents: <see cref="LexicalQuery.Statistics"/> has a query scored by them, so that scores of several indexes can be compared.
/// Deleted documents are counted until their segments are merged, as in an index of its own. Immutable.
/// </summary>
/// <param name="Documents">Documents.</param>
/// <param name="Tokens">Tokens by full-text field.</param>
/// <param name="Frequencies">In how many documents a term of the query is, by full-text field and term; terms in none are left out.</param>
public sealed record TermStatistics(
    long Documents,
    IReadOnlyDictionary<string, long> Tokens,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> Frequencies
)
{
    /// <summary>Those of no document.</summary>
    public static TermStatistics None { get; } =
        new(0, new Dictionary<string, long>(), new Dictionary<string, IReadOnlyDictionary<string, long>>());

    /// <summary>The statistics of all parts together.</summary>
    public static TermStatistics Sum(IEnumerable<TermStatistics> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var documents = 0L;
        var tokens = new Dictionary<string, long>(StringComparer.Ordinal);
        var frequencies = new Dictionary<string, IReadOnlyDictionary<string, long>>(StringComparer.Ordinal);
        foreach (var part in parts)
        {
            documents += part.Documents;
            foreach (var (field, count) in part.Tokens)
                tokens[field] = tokens.GetValueOrDefault(field) + count;
            foreach (var (field, terms) in part.Frequencies)
            {
                if (!frequencies.TryGetValue(field, out var sums))
                    frequencies[field] = sums = new Dictionary<string, long>(StringComparer.Ordinal);
                foreach (var (term, count) in terms)
                    ((Dictionary<string, long>)sums)[term] = sums.GetValueOrDefault(term) + count;
            }
        }

        return new TermStatistics(documents, tokens, frequencies);
    }
}
