namespace SearchEngine.Lexical.Querying;

/// <summary>Keeps the rarest terms of a query that is a pasted document: its common terms cost much and say little.</summary>
internal static class QueryLimit
{
    internal const int MaxClauses = 400;

    internal static IReadOnlyList<QueryClause> Apply(IReadOnlyList<QueryClause> clauses, SearchedFields fields, TermCounts counts)
    {
        if (clauses.Count <= MaxClauses)
            return clauses;
        // Operators are few: nobody types hundreds. Those above the limit are dropped like optional ones.
        return
        [
            .. clauses
                .Select((clause, index) => (clause, index, frequency: Frequency(clause)))
                .Where(c => c.frequency > 0)
                .OrderBy(c => c.clause.Kind == ClauseKind.Optional)
                .ThenBy(c => c.frequency)
                .ThenBy(c => c.index)
                .Take(MaxClauses)
                .Select(c => c.clause),
        ];

        long Frequency(QueryClause clause) => clause.Alternatives.Max(a => a.Terms.Min(term => counts.Most(fields, term)));
    }
}
