using Lucene.Net.Index;

namespace SearchEngine.Lexical.Querying;

/// <summary>Visits the live documents of a set of ordinals, segment by segment.</summary>
internal static class MatchWalk
{
    /// <param name="reader">The index.</param>
    /// <param name="ordinals">The set; null for every document.</param>
    /// <param name="enter">Told each segment before its documents.</param>
    /// <param name="visit">Told each document of the segment, with its ordinal.</param>
    internal static void Over(IndexReader reader, OrdinalBits? ordinals, Action<AtomicReader> enter, Action<int, int> visit)
    {
        foreach (var leaf in reader.Leaves)
        {
            var segment = leaf.AtomicReader;
            var live = segment.LiveDocs;
            var ordinalOf = SegmentData.Of(segment).Ordinals;
            enter(segment);
            for (var document = 0; document < ordinalOf.Length; document++)
            {
                if (ordinals?.Contains(ordinalOf[document]) != false && (live is null || live.Get(document)))
                    visit(document, ordinalOf[document]);
            }
        }
    }
}
