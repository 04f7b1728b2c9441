using Lucene.Net.Analysis;
using SearchEngine.Lexical.Analysis;

namespace SearchEngine.Lexical.Querying;

/// <summary>A query split into clauses; terms are analyzed.</summary>
internal sealed class ParsedQuery
{
    private ParsedQuery(IReadOnlyList<QueryClause> clauses) => Clauses = clauses;

    internal IReadOnlyList<QueryClause> Clauses { get; }

    internal bool IsEmpty => Clauses.Count == 0;

    /// <summary>The terms of all clauses that may or must match.</summary>
    internal HashSet<string> WantedTerms() =>
        [.. Clauses.Where(c => c.Kind != ClauseKind.Excluded).SelectMany(c => c.Alternatives).SelectMany(a => a.Terms)];

    internal static ParsedQuery Parse(LexicalQuery query, Analyzer analyzer)
    {
        var clauses = new List<QueryClause>();
        foreach (Segment segment in Split(query.Text ?? ""))
            AddSegment(clauses, segment, analyzer);
        if (clauses.TrueForAll(c => c.Kind == ClauseKind.Excluded))
        {
            // Nothing to look for but exclusions: more likely dashes of ordinary text than a wish for all other documents.
            clauses.Clear();
            AddSegment(clauses, new Segment(ClauseKind.Optional, query.Text ?? "", IsQuoted: false), analyzer);
        }
        foreach (string keyword in query.Keywords ?? [])
            AddSegment(clauses, new Segment(ClauseKind.Optional, keyword ?? "", IsQuoted: false), analyzer);
        return new ParsedQuery(Merge(clauses));
    }

    private readonly record struct Segment(ClauseKind Kind, string Text, bool IsQuoted);

    /// <summary>Cuts the text into runs of plain words, quoted phrases, and words or phrases with an operator.</summary>
    private static List<Segment> Split(string text)
    {
        var segments = new List<Segment>();
        int plainStart = 0;
        int at = 0;
        while (at < text.Length)
        {
            bool atWordStart = at == 0 || char.IsWhiteSpace(text[at - 1]);
            ClauseKind kind = ClauseKind.Optional;
            int start = at;
            if (atWordStart && text[at] is '+' or '-' && atWordStart && at + 1 < text.Length
                && (char.IsLetter(text[at + 1]) || text[at + 1] == '"' || text[at] == '+' && char.IsDigit(text[at + 1])))
            {
                kind = text[at] == '+' ? ClauseKind.Required : ClauseKind.Excluded;
                start++;
            }
            int end;
            if (text[start] == '"' && (atWordStart || start > at || text[at - 1] == '('))
            {
                int close = text.IndexOf('"', start + 1);
                if (close < 0)
                {
                    at = start + 1;
                    continue;
                }
                end = close + 1;
                Flush(at);
                segments.Add(new Segment(kind, text[(start + 1)..close], IsQuoted: true));
            }
            else if (kind != ClauseKind.Optional)
            {
                end = start;
                while (end < text.Length && !char.IsWhiteSpace(text[end]))
                    end++;
                Flush(at);
                segments.Add(new Segment(kind, text[start..end], IsQuoted: false));
            }
            else
            {
                at++;
                continue;
            }
            at = plainStart = end;
        }
        Flush(text.Length);
        return segments;

        void Flush(int end)
        {
            if (end > plainStart)
                segments.Add(new Segment(ClauseKind.Optional, text[plainStart..end], IsQuoted: false));
        }
    }

    private static void AddSegment(List<QueryClause> clauses, Segment segment, Analyzer analyzer)
    {
        List<TextToken> tokens = TextToken.Analyze(analyzer, segment.Text);
        if (tokens.Count == 0)
            return;
        // A word with an operator that the analyzer splits ("+covid-19") is one wish: a phrase.
        if (segment.IsQuoted || segment.Kind != ClauseKind.Optional)
        {
            clauses.Add(new QueryClause(
                segment.Kind,
                [new QueryTerm([.. tokens.Select(t => t.Term)], [.. tokens.Select(t => t.Position - tokens[0].Position)])]));
            return;
        }
        foreach (TextToken token in tokens)
            clauses.Add(new QueryClause(ClauseKind.Optional, [new QueryTerm(token.Term)]));
    }

    /// <summary>Joins equal clauses: a term given twice counts twice but is looked up once.</summary>
    private static List<QueryClause> Merge(List<QueryClause> clauses)
    {
        var merged = new List<QueryClause>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (QueryClause clause in clauses)
        {
            var key = clause.Key;
            if (places.TryGetValue(key, out int place))
            {
                merged[place] = merged[place] with { Count = merged[place].Count + 1 };
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
