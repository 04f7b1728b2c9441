using Lucene.Net.Util;

namespace SearchEngine.Lexical.Querying;

/// <summary>Scores given documents, whatever their rank: each is looked up in the postings of the query's words, and no other is visited.</summary>
internal static class DocumentScorer
{
    /// <summary>The scores that a search would give, in the order of the ordinals; 0 where it would not return the document.</summary>
    /// <param name="query">The query.</param>
    /// <param name="fields">The fields searched.</param>
    /// <param name="filter">Documents that may be returned; null for all.</param>
    /// <param name="ordinals">The documents.</param>
    internal static float[] Score(PreparedQuery query, SearchedFields fields, OrdinalBits? filter, ReadOnlySpan<int> ordinals)
    {
        var scores = new float[ordinals.Length];
        var required = query.Clauses.Count(c => c.Clause.Kind == ClauseKind.Required);
        for (var leaf = 0; leaf < query.Leaves.Count; leaf++)
        {
            var cursors = query.Cursors[leaf].OfType<ClauseCursor>().ToArray();
            if (cursors.Length == 0 || cursors.Count(c => c.Clause.Clause.Kind == ClauseKind.Required) < required)
                continue;
            var segment = query.Leaves[leaf].AtomicReader;
            var data = SegmentData.Of(segment);
            var lengths = data.Lengths(segment, fields);
            var saturations = Array.ConvertAll(cursors, c => query.Saturation(lengths, c.Clause));
            foreach (var (document, index) in Present(data, segment.LiveDocs, filter, ordinals))
                scores[index] = (float)ScoreOf(document, cursors, saturations);
        }

        return scores;
    }

    /// <summary>The live documents of a segment among the ordinals, in the order in which postings are walked.</summary>
    private static List<(int Document, int Index)> Present(SegmentData data, IBits? live, OrdinalBits? filter, ReadOnlySpan<int> ordinals)
    {
        var present = new List<(int Document, int Index)>();
        for (var i = 0; i < ordinals.Length; i++)
        {
            if (filter is not null && !filter.Contains(ordinals[i]))
                continue;
            foreach (var document in data.DocumentsOf(ordinals[i]))
            {
                if (live is null || live.Get(document))
                    present.Add((document, i));
            }
        }

        present.Sort();
        return present;
    }

    private static double ScoreOf(int document, ClauseCursor[] cursors, Saturation[] saturations)
    {
        var score = 0.0;
        for (var i = 0; i < cursors.Length; i++)
        {
            var frequency = cursors[i].FrequencyIn(document);
            var kind = cursors[i].Clause.Clause.Kind;
            if (kind == ClauseKind.Excluded ? frequency > 0 : kind == ClauseKind.Required && frequency == 0)
                return 0;
            if (kind != ClauseKind.Excluded && frequency > 0)
                score += saturations[i].Part(frequency, document);
        }

        return score;
    }
}
