using Lucene.Net.Index;
using Lucene.Net.Search;

namespace SearchEngine.Lexical.Querying;

/// <summary>Takes a document's score apart into terms and fields.</summary>
internal static class QueryExplainer
{
    internal static LexicalExplanation Explain(
        IndexSearcher searcher,
        IReadOnlyList<QueryClause> clauses,
        LexicalSchema schema,
        SearchedFields fields,
        Term ordinal,
        TermStatistics? statistics
    )
    {
        var found = searcher.Search(new TermQuery(ordinal), 1);
        if (found.TotalHits == 0)
            return new LexicalExplanation(0, []);
        var query = PreparedQuery.Make(searcher, clauses, fields, schema, statistics);
        var leaf = ReaderUtil.SubIndex(found.ScoreDocs[0].Doc, query.Leaves);
        var segment = query.Leaves[leaf].AtomicReader;
        var document = found.ScoreDocs[0].Doc - query.Leaves[leaf].DocBase;
        var lengths = SegmentData.Of(segment).Lengths(segment, fields);
        var matches = new List<LexicalTermMatch>();
        double score = 0;
        for (var i = 0; i < query.Clauses.Count; i++)
        {
            var clause = query.Clauses[i];
            var frequency = query.Cursors[leaf][i]?.FrequencyIn(document) ?? 0;
            if (clause.Clause.Kind == ClauseKind.Excluded ? frequency > 0 : frequency == 0 && clause.Clause.Kind == ClauseKind.Required)
                return new LexicalExplanation(0, []);
            if (frequency == 0)
                continue;
            var part = query.Saturation(lengths, clause).Part(frequency, document);
            score += part;
            // A list's share of the joint frequency is its share of the score.
            matches.AddRange(
                query.Cursors[leaf][i]!
                    .In(document)
                    .Select(list => new LexicalTermMatch(
                        list.Field.Name,
                        list.Term.Display,
                        list.Documents.Freq,
                        clause.Idf,
                        (float)(part * list.Weight * list.Documents.Freq / frequency)
                    ))
            );
        }
        return new LexicalExplanation((float)score, [.. matches.OrderByDescending(m => m.Contribution)]);
    }
}
