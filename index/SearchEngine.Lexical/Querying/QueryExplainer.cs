using Lucene.Net.Index;
using Lucene.Net.Search;

namespace SearchEngine.Lexical.Querying;

/// <summary>Takes a document's score apart into terms.</summary>
internal static class QueryExplainer
{
    internal static LexicalExplanation Explain(IndexSearcher searcher, ParsedQuery parsed, IReadOnlyList<LexicalField> fields, Term ordinal)
    {
        TopDocs found = searcher.Search(new TermQuery(ordinal), 1);
        if (found.TotalHits == 0)
            return new LexicalExplanation(0, []);
        int doc = found.ScoreDocs[0].Doc;
        Explanation whole = searcher.Explain(LuceneQueryBuilder.Build(parsed, fields, searcher.IndexReader), doc);
        if (!whole.IsMatch)
            return new LexicalExplanation(0, []);
        var matches = new List<LexicalTermMatch>();
        foreach (QueryClause clause in LuceneQueryBuilder.Limit(parsed.Clauses, fields, searcher.IndexReader))
        {
            if (clause.Kind == ClauseKind.Excluded)
                continue;
            foreach (LexicalField field in fields)
            {
                Explanation part = searcher.Explain(LuceneQueryBuilder.Build(clause, field), doc);
                if (part.IsMatch)
                {
                    matches.Add(new LexicalTermMatch(
                        field.Name,
                        string.Join(' ', clause.Terms),
                        (int)(Detail(part, "termFreq=") ?? Detail(part, "phraseFreq=") ?? 1),
                        Detail(part, "idf(") ?? 0,
                        part.Value));
                }
            }
        }
        return new LexicalExplanation(whole.Value, [.. matches.OrderByDescending(m => m.Contribution)]);
    }

    /// <summary>The value of the first node of an explanation tree whose description starts so.</summary>
    private static float? Detail(Explanation explanation, string description)
    {
        if (explanation.Description?.StartsWith(description, StringComparison.Ordinal) == true)
            return explanation.Value;
        foreach (Explanation detail in explanation.GetDetails() ?? [])
        {
            if (Detail(detail, description) is float value)
                return value;
        }
        return null;
    }
}
