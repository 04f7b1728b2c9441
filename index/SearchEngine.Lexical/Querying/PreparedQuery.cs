using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Util;

namespace SearchEngine.Lexical.Querying;

/// <summary>A query looked up in an index: each clause's postings in each segment, found once, and the statistics that they give.</summary>
internal sealed class PreparedQuery
{
    private PreparedQuery(
        IndexSearcher searcher,
        IList<AtomicReaderContext> leaves,
        IReadOnlyList<ScoredClause> clauses,
        ClauseCursor?[][] cursors,
        float @base,
        float slope
    )
    {
        Searcher = searcher;
        Leaves = leaves;
        Clauses = clauses;
        Cursors = cursors;
        Base = @base;
        Slope = slope;
        // Every score stays below the sum of the clauses' values.
        var most = clauses.Sum(c => (double)c.Value);
        Rounder = Math.ScaleB(1, Math.ILogB(Math.Max(most, float.Epsilon)) + 1);
    }

    private PreparedQuery(PreparedQuery other, ClauseCursor?[][] cursors)
    {
        (Searcher, Leaves, Clauses, Cursors) = (other.Searcher, other.Leaves, other.Clauses, cursors);
        (Base, Slope, Rounder) = (other.Base, other.Slope, other.Rounder);
    }

    /// <summary>The index as it was looked at.</summary>
    internal IndexSearcher Searcher { get; }

    internal IList<AtomicReaderContext> Leaves { get; }

    internal IReadOnlyList<ScoredClause> Clauses { get; }

    /// <summary>By segment and clause; null where a segment has nothing of a clause.</summary>
    internal ClauseCursor?[][] Cursors { get; }

    /// <summary>k1 (1 - b).</summary>
    internal float Base { get; }

    /// <summary>k1 b / average length.</summary>
    internal float Slope { get; }

    /// <summary>A power of two above every score; see <see cref="Saturation"/>.</summary>
    internal double Rounder { get; }

    internal static PreparedQuery Make(
        IndexSearcher searcher,
        IReadOnlyList<QueryClause> clauses,
        SearchedFields fields,
        LexicalSchema schema,
        TermStatistics? statistics = null
    )
    {
        var reader = searcher.IndexReader;
        var counts = new TermCounts(reader, statistics);
        clauses = QueryLimit.Apply(clauses, fields, counts);
        var lookups = reader.Leaves.Select(leaf => new SegmentLookup(searcher, leaf, fields)).ToArray();
        var documents = Math.Max(counts.Documents, 1);
        var scored = new ScoredClause[clauses.Count];
        var cursors = Array.ConvertAll(lookups, _ => new ClauseCursor?[clauses.Count]);
        for (var i = 0; i < scored.Length; i++)
        {
            var clause = clauses[i];
            var key = clause.Alternatives.Any(a => a.IsPhrase) ? null : fields.Key + '\r' + clause.WeightedKey;
            var frequencies = new int[fields.Lucene.Length];
            var found = Array.ConvertAll(lookups, lookup => lookup.Find(clause, frequencies));
            var frequency = counts.AreGiven ? counts.Of(fields, clause).Max() : frequencies.Max();
            // Where no single term is known, the words of the phrases are.
            var idf =
                frequency > 0 || !clause.Alternatives.Any(a => a.IsPhrase)
                    ? Idf(documents, frequency)
                    : clause.Alternatives.Where(a => a.IsPhrase).Max(phrase => PhraseIdf(phrase, fields, counts, documents));
            scored[i] = new ScoredClause(clause, idf, idf * (schema.K1 + 1) * clause.Count * fields.Scale);
            for (var leaf = 0; leaf < found.Length; leaf++)
            {
                if (found[leaf].Length > 0)
                    cursors[leaf][i] = new ClauseCursor(scored[i], found[leaf], lookups[leaf], key);
            }
        }
        return new PreparedQuery(
            searcher,
            reader.Leaves,
            scored,
            cursors,
            schema.K1 * (1 - schema.B),
            schema.K1 * schema.B / AverageLength(counts, fields, documents)
        );
    }

    /// <summary>The same, for a second walk over its postings: nothing is looked up again.</summary>
    internal PreparedQuery Again() => new(this, Array.ConvertAll(Cursors, leaf => Array.ConvertAll(leaf, cursor => cursor?.Fresh())));

    /// <summary>What a clause gives to the documents of a segment.</summary>
    internal Saturation Saturation(float[] lengths, ScoredClause clause) => new(lengths, clause.Value, Base, Slope, Rounder);

    private static float Idf(long documents, long frequency)
    {
        frequency = Math.Min(frequency, documents);
        return MathF.Log(1 + (documents - frequency + 0.5f) / (frequency + 0.5f));
    }

    /// <summary>The sum over the positions; of the forms of a word the most frequent counts.</summary>
    private static float PhraseIdf(QueryTerm phrase, SearchedFields fields, TermCounts counts, long documents) =>
        phrase
            .Terms.Zip(phrase.Positions, (term, position) => (position, frequency: counts.Most(fields, term)))
            .GroupBy(p => p.position, p => p.frequency)
            .Sum(forms => Idf(documents, forms.Max()));

    private static float AverageLength(TermCounts counts, SearchedFields fields, long documents)
    {
        double length = 0;
        for (var i = 0; i < fields.Lucene.Length; i++)
            length += fields.Weights[i] * counts.Tokens(fields, i);
        return Math.Max(1e-6f, (float)(length / documents));
    }
}
