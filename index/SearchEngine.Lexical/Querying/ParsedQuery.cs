namespace SearchEngine.Lexical.Querying;

/// <summary>A query split into clauses; terms are analyzed.</summary>
internal sealed class ParsedQuery
{
    private ParsedQuery(IReadOnlyList<QueryClause> clauses, IReadOnlyList<LexicalFilter> filters)
    {
        Clauses = clauses;
        Filters = filters;
    }

    internal IReadOnlyList<QueryClause> Clauses { get; }

    /// <summary>Conditions on fields that the text itself makes; every one must hold.</summary>
    internal IReadOnlyList<LexicalFilter> Filters { get; }

    internal bool IsEmpty => Clauses.Count == 0;

    /// <summary>The terms of all clauses that may or must match.</summary>
    internal HashSet<string> WantedTerms() =>
        [.. Clauses.Where(c => c.Kind != ClauseKind.Excluded).SelectMany(c => c.Alternatives).SelectMany(a => a.Terms)];

    internal static ParsedQuery Parse(LexicalQuery query, ClauseReader reader, IReadOnlyDictionary<string, LexicalField> fields)
    {
        var clauses = new List<QueryClause>();
        IReadOnlyList<LexicalFilter> filters = [];
        var text = query.Text ?? "";
        if (query.Syntax == LexicalSyntax.Operators)
        {
            var operators = new OperatorReader(text, fields, query.ReadValue);
            Add(clauses, operators.Read(), reader);
            filters = operators.Filters;
        }
        else
        {
            Add(clauses, ProseReader.Read(text), reader);
        }
        if (clauses.Count > 0 && clauses.TrueForAll(c => c.Kind == ClauseKind.Excluded))
        {
            // Nothing to look for but exclusions: more likely dashes of ordinary text than a wish for all other documents.
            clauses = reader.Words(text);
        }
        foreach (var keyword in query.Keywords ?? [])
            clauses.AddRange(reader.Words(keyword ?? ""));
        return new ParsedQuery(Merge(clauses), filters);
    }

    private static void Add(List<QueryClause> clauses, List<QuerySegment> segments, ClauseReader reader)
    {
        foreach (var segment in segments)
        {
            // A word with an operator that the analyzer splits ("+covid-19") is one wish: a phrase.
            if (segment.IsQuoted || segment.Kind != ClauseKind.Optional)
            {
                if (reader.Phrase(segment.Kind, segment.Text) is { } phrase)
                    clauses.Add(phrase with { Field = segment.Field });
                continue;
            }
            clauses.AddRange(reader.Words(segment.Text).Select(clause => clause with { Field = segment.Field }));
        }
    }

    /// <summary>Joins equal clauses: a term given twice counts twice but is looked up once.</summary>
    private static List<QueryClause> Merge(List<QueryClause> clauses)
    {
        var merged = new List<QueryClause>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var clause in clauses)
        {
            var key = clause.Key;
            if (places.TryGetValue(key, out var place))
            {
                merged[place] = merged[place] with { Count = merged[place].Count + clause.Count };
            }
            else
            {
                places.Add(key, merged.Count);
                merged.Add(clause);
            }
        }
        return merged;
    }
}
