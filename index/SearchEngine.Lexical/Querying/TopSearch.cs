using Lucene.Net.Index;

namespace SearchEngine.Lexical.Querying;

/// <summary>
/// Finds a query's best documents. Clauses add their scores to windows of documents, those that can still lift an unknown document among
/// the best ("essential") list by list; the others are looked up only in documents that would reach the threshold with their help
/// (MaxScore: Turtle and Flood, "Query evaluation: strategies and optimizations", IPM 1995). Hits and scores are those of a search that
/// adds up everything; see <see cref="Saturation"/>.
/// </summary>
internal sealed class TopSearch(PreparedQuery query, SearchedFields fields, OrdinalBits? filter, int top)
{
    [ThreadStatic]
    private static ScoreWindow? _spareWindow;

    /// <summary>Told each segment before its matches; null for none.</summary>
    internal Action<AtomicReader>? Entered { get; init; }

    /// <summary>Told the segment's data and the document of every match, for which every one must be visited; null for none.</summary>
    internal Action<SegmentData, int>? Matched { get; init; }

    /// <summary>Whether documents that cannot win are skipped; tests turn it off.</summary>
    internal bool Prunes { get; init; } = true;

    /// <summary>The matches that pass the filter, where counted.</summary>
    internal int Total { get; private set; }

    internal PreparedQuery Query => query;

    internal OrdinalBits? Filter => filter;

    internal TopHits Hits { get; } = new(top);

    internal int RequiredCount { get; } = query.Clauses.Count(c => c.Clause.Kind == ClauseKind.Required);

    internal bool HasOperators { get; } = query.Clauses.Any(c => c.Clause.Kind != ClauseKind.Optional);

    internal LexicalHit[] Run()
    {
        var window = _spareWindow ?? new ScoreWindow();
        _spareWindow = null;
        for (var i = 0; i < query.Leaves.Count; i++)
        {
            var cursors = query.Cursors[i].OfType<ClauseCursor>().ToArray();
            if (cursors.Length == 0 || cursors.Count(c => c.Clause.Clause.Kind == ClauseKind.Required) < RequiredCount)
                continue;
            var segment = query.Leaves[i].AtomicReader;
            var data = SegmentData.Of(segment);
            Entered?.Invoke(segment);
            Total += new SegmentSearch(this, data, data.Lengths(segment, fields), segment.LiveDocs, cursors, window).Run();
        }
        _spareWindow = window;
        return Hits.ToArray();
    }
}
