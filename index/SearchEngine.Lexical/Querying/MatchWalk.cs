using Lucene.Net.Index;

namespace SearchEngine.Lexical.Querying;

/// <summary>Visits the live documents of a set of ordinals, segment by segment, in no particular order.</summary>
internal static class MatchWalk
{
    /// <summary>A set that holds fewer than one document of so many is looked up, a larger one is met on a walk over all documents.</summary>
    private const int SparseShare = 16;

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
            var data = SegmentData.Of(segment);
            var ordinalOf = data.Ordinals;
            enter(segment);
            if (ordinals is not null && ordinals.Count < ordinalOf.Length / SparseShare)
            {
                foreach (var ordinal in ordinals.Ordinals())
                {
                    foreach (var document in data.DocumentsOf(ordinal))
                    {
                        if (live is null || live.Get(document))
                            visit(document, ordinal);
                    }
                }

                continue;
            }

            for (var document = 0; document < ordinalOf.Length; document++)
            {
                if (ordinals?.Contains(ordinalOf[document]) != false && (live is null || live.Get(document)))
                    visit(document, ordinalOf[document]);
            }
        }
    }
}
