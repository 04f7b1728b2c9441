using Lucene.Net.Index;
using Lucene.Net.Search;
using SearchEngine.Lexical.Indexing;

namespace SearchEngine.Lexical.Querying;

/// <summary>
/// Makes the Lucene query: the score of a document is the sum over clauses and fields of BM25 × field boost × count in the query.
/// </summary>
internal static class LuceneQueryBuilder
{
    /// <summary>
    /// Most optional clauses; of a longer query (a pasted document) the rarest terms are kept.
    /// Lucene refuses more than 1,024 clauses, and common terms of a long text cost much and say little.
    /// </summary>
    internal const int MaxOptionalClauses = 400;

    internal static Query Build(ParsedQuery parsed, IReadOnlyList<LexicalField> fields, IndexReader reader)
    {
        var query = new BooleanQuery();
        foreach (QueryClause clause in Limit(parsed.Clauses, fields, reader))
        {
            Occur occur = clause.Kind switch
            {
                ClauseKind.Required => Occur.MUST,
                ClauseKind.Excluded => Occur.MUST_NOT,
                _ => Occur.SHOULD,
            };
            if (fields.Count == 1)
            {
                query.Add(Build(clause, fields[0]), occur);
                continue;
            }
            var anyField = new BooleanQuery();
            foreach (LexicalField field in fields)
                anyField.Add(Build(clause, field), Occur.SHOULD);
            query.Add(anyField, occur);
        }
        return query;
    }

    /// <summary>One clause in one field.</summary>
    internal static Query Build(QueryClause clause, LexicalField field)
    {
        string name = FieldNames.Text(field.Name);
        Query query;
        if (clause.IsPhrase)
        {
            var phrase = new PhraseQuery();
            for (int i = 0; i < clause.Terms.Length; i++)
                phrase.Add(new Term(name, clause.Terms[i]), clause.Positions[i]);
            query = phrase;
        }
        else
        {
            query = new TermQuery(new Term(name, clause.Terms[0]));
        }
        query.Boost = field.Boost * clause.Count;
        return query;
    }

    /// <summary>The clauses that take part in the search.</summary>
    internal static IEnumerable<QueryClause> Limit(IReadOnlyList<QueryClause> clauses, IReadOnlyList<LexicalField> fields, IndexReader reader)
    {
        if (clauses.Count <= MaxOptionalClauses)
            return clauses;
        // Operators are few: nobody types hundreds. Those above the limit are dropped like optional ones.
        return clauses
            .Select((clause, index) => (clause, index, frequency: Frequency(clause)))
            .Where(c => c.frequency > 0)
            .OrderBy(c => c.clause.Kind == ClauseKind.Optional)
            .ThenBy(c => c.frequency)
            .ThenBy(c => c.index)
            .Take(MaxOptionalClauses)
            .Select(c => c.clause);

        int Frequency(QueryClause clause) => clause.Terms.Min(term => fields.Max(f => reader.DocFreq(new Term(FieldNames.Text(f.Name), term))));
    }
}
