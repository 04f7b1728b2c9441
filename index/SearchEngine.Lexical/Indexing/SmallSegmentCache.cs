using System.Collections.Concurrent;
using Lucene.Net.Index;
using Lucene.Net.Store;
using Directory = Lucene.Net.Store.Directory;

namespace SearchEngine.Lexical.Indexing;

/// <summary>
/// Keeps small segments in memory until a commit. Lucene says of a segment's parts what they are written for (a flush, a merge) and how large
/// it will be, and of the compound file that they become nothing: each would count as small, however large, a merged one too. It is told here
/// what was said of its parts. Thread-safe.
/// </summary>
internal sealed class SmallSegmentCache(Directory disk, double segmentMegabytes, double megabytes)
    : NRTCachingDirectory(disk, segmentMegabytes, megabytes)
{
    private readonly ConcurrentDictionary<string, IOContext> _contexts = new(StringComparer.Ordinal);

    public override IndexOutput CreateOutput(string name, IOContext context)
    {
        var segment = IndexFileNames.ParseSegmentName(name);
        if (IndexFileNames.MatchesExtension(name, IndexFileNames.COMPOUND_FILE_EXTENSION))
            return base.CreateOutput(name, _contexts.TryRemove(segment, out var known) ? known : context);
        if (context.FlushInfo is not null || context.MergeInfo is not null)
            _contexts[segment] = context;
        return base.CreateOutput(name, context);
    }

    public override void DeleteFile(string name)
    {
        base.DeleteFile(name);
        _contexts.TryRemove(IndexFileNames.ParseSegmentName(name), out _);
    }
}
