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
        : this([term], [0], weight) { }

    /// <summary>Whether there are several positions; several terms at one position are forms of one word.</summary>
    internal bool IsPhrase => Terms.Length > 1;

    /// <summary>The words as they are written, for people: of several forms the first.</summary>
    internal string Display =>
        string.Join(' ', Terms.Where((_, i) => i == 0 || Positions[i] != Positions[i - 1]))
            .Replace(Analysis.FoldedMarkFilter.Mark.ToString(), "", StringComparison.Ordinal);

    /// <summary>Equal for equal terms and positions, whatever the weight.</summary>
    internal string Key => string.Join('\n', Terms) + '\r' + string.Join(' ', Positions);
}

/// <summary>
/// One wish of a query: terms of which any may stand for it (forms of a word), scored as one word whose frequency is the weighted sum
/// of theirs; and how often the query says it.
/// </summary>
internal sealed record QueryClause(ClauseKind Kind, IReadOnlyList<QueryTerm> Alternatives, float Count = 1)
{
    /// <summary>The name of the one field that counts; null for all that are searched.</summary>
    internal string? Field { get; init; }

    /// <summary>Equal for equal wishes, however often they are said.</summary>
    internal string Key => Kind + "\t" + Field + "\t" + string.Join('\t', Alternatives.Select(a => a.Key));

    /// <summary>Equal for equal terms of equal weights.</summary>
    internal string WeightedKey =>
        Field + '\f' + string.Join('\t', Alternatives.Select(a => a.Key + '\v' + BitConverter.SingleToInt32Bits(a.Weight)));
}
