using Lucene.Net.Index;
using Lucene.Net.Search;

namespace SearchEngine.Lexical.Querying;

/// <summary>Takes a document's score apart into terms and fields.</summary>
internal static class QueryExplainer
{
    internal static LexicalExplanation Explain(IndexSearcher searcher, ParsedQuery parsed, LexicalSchema schema, IReadOnlyList<LexicalField> fields, Term ordinal)
    {
        TopDocs found = searcher.Search(new TermQuery(ordinal), 1);
        if (found.TotalHits == 0)
            return new LexicalExplanation(0, []);
        int doc = found.ScoreDocs[0].Doc;
        Explanation whole = searcher.Explain(LuceneQueryBuilder.Build(parsed, schema, fields, searcher.IndexReader), doc);
        if (!whole.IsMatch)
            return new LexicalExplanation(0, []);
        var matches = new List<LexicalTermMatch>();
        foreach (QueryClause clause in LuceneQueryBuilder.Limit(parsed.Clauses, fields, searcher.IndexReader))
        {
            if (clause.Kind == ClauseKind.Excluded)
                continue;
            foreach ((Query query, LexicalField? field) in LuceneQueryBuilder.Parts(clause, schema, fields))
            {
                Explanation part = searcher.Explain(query, doc);
                if (part.Value <= 0)
                    continue;
                if (field is not null)
                    matches.Add(Match(field.Name, clause, part));
                else
                    matches.AddRange(fields.Select(f => (f, In(part, f))).Where(p => p.Item2 is not null).Select(p => Match(p.f.Name, clause, p.Item2!)));
            }
        }
        return new LexicalExplanation(whole.Value, [.. matches.OrderByDescending(m => m.Contribution)]);
    }

    private static LexicalTermMatch Match(string field, QueryClause clause, Explanation part) => new(
        field,
        string.Join(' ', clause.Terms),
        (int)(Detail(part, "termFreq=") ?? Detail(part, "phraseFreq=") ?? 1),
        Detail(part, "idf(") ?? 0,
        part.Value);

    private static Explanation? In(Explanation combined, LexicalField field) =>
        Array.Find(combined.GetDetails() ?? [], d => d.Description == "field:" + Indexing.FieldNames.Text(field.Name));

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
