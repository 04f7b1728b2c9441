using Lucene.Net.Index;
using SearchEngine.Lexical.Querying;

namespace SearchEngine.Lexical.Indexing;

/// <summary>Reads what searches keep of a merged segment on the merge's thread, before any search sees the segment.</summary>
internal sealed class SegmentWarmer : IndexWriter.IndexReaderWarmer
{
    public override void Warm(AtomicReader reader) => SegmentData.Of(reader);
}
