namespace SearchEngine.Lexical.Querying;

/// <summary>Whether a clause must, may or must not match.</summary>
internal enum ClauseKind
{
    Optional,
    Required,
    Excluded,
}

/// <summary>A term, or a phrase of several terms with their relative positions, and what an occurrence of it counts.</summary>
internal sealed record QueryTerm(string[] Terms, int[] Positions, float Weight = 1)
{
    internal QueryTerm(string term, float weight = 1)
        : this([term], [0], weight)
    {
    }

    internal bool IsPhrase => Terms.Length > 1;

    /// <summary>Equal for equal terms and positions, whatever the weight.</summary>
    internal string Key => string.Join('\n', Terms) + '\r' + string.Join(' ', Positions);
}

/// <summary>
/// One wish of a query: terms of which any may stand for it (forms of a word), scored as one word whose frequency is the weighted sum
/// of theirs; and how often the query says it.
/// </summary>
internal sealed record QueryClause(ClauseKind Kind, IReadOnlyList<QueryTerm> Alternatives, float Count = 1)
{
    internal string Key => Kind + "\t" + string.Join('\t', Alternatives.Select(a => a.Key));

    /// <summary>Equal for equal terms of equal weights.</summary>
    internal string WeightedKey => string.Join('\t', Alternatives.Select(a => a.Key + '\v' + BitConverter.SingleToInt32Bits(a.Weight)));
}
