using Lucene.Net.Index;
using Lucene.Net.Search;
using SearchEngine.Lexical.Indexing;

namespace SearchEngine.Lexical.Querying;

/// <summary>
/// Makes the Lucene query: the score of a document is the sum over clauses of BM25 × count in the query, a word scored over all
/// fields together (see <see cref="CombinedFieldsQuery"/>), a phrase by field × boost.
/// </summary>
internal static class LuceneQueryBuilder
{
    /// <summary>
    /// Most optional clauses; of a longer query (a pasted document) the rarest terms are kept.
    /// Lucene refuses more than 1,024 clauses, and common terms of a long text cost much and say little.
    /// </summary>
    internal const int MaxOptionalClauses = 400;

    internal static Query Build(ParsedQuery parsed, LexicalSchema schema, IReadOnlyList<LexicalField> fields, IndexReader reader)
    {
        var query = new BooleanQuery();
        foreach (QueryClause clause in Limit(parsed.Clauses, fields, reader))
        {
            query.Add(Build(clause, schema, fields), clause.Kind switch
            {
                ClauseKind.Required => Occur.MUST,
                ClauseKind.Excluded => Occur.MUST_NOT,
                _ => Occur.SHOULD,
            });
        }
        return query;
    }

    /// <summary>One clause in all fields.</summary>
    private static Query Build(QueryClause clause, LexicalSchema schema, IReadOnlyList<LexicalField> fields)
    {
        if (fields.Count == 1)
            return Build(clause, fields[0]);
        if (!clause.IsPhrase)
        {
            return new CombinedFieldsQuery(clause.Terms[0], [.. fields.Select(f => (FieldNames.Text(f.Name), f.Boost))], schema.K1, schema.B)
            {
                Boost = clause.Count,
            };
        }
        var anyField = new BooleanQuery();
        foreach (LexicalField field in fields)
            anyField.Add(Build(clause, field), Occur.SHOULD);
        return anyField;
    }

    /// <summary>One clause in one field.</summary>
    private static Query Build(QueryClause clause, LexicalField field)
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

    /// <summary>The parts of a clause whose scores add up to its own, each with the field it speaks of (null for all of them).</summary>
    internal static IEnumerable<(Query Query, LexicalField? Field)> Parts(QueryClause clause, LexicalSchema schema, IReadOnlyList<LexicalField> fields)
    {
        if (fields.Count > 1 && !clause.IsPhrase)
            return [(Build(clause, schema, fields), null)];
        return fields.Select(field => (Build(clause, field), (LexicalField?)field));
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
