using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Lucene.Net.Index;
using Lucene.Net.Util;

namespace SearchEngine.Lexical.Querying;

/// <summary>
/// Results of filters: the documents of a segment, for the segment's life (deletions do not touch them), and the live ordinals of a
/// reader, for the reader's. Both go with what they belong to. What is kept is never changed again. Safe for concurrent use.
/// </summary>
internal static class FilterCache
{
    /// <summary>A bit for each document is kept this often per segment and per reader: 8 MB each at a million documents.</summary>
    private const int MaxFilters = 64;

    /// <summary>Segments of fewer documents are evaluated faster than looked up.</summary>
    private const int MinDocuments = 512;

    private static readonly ConditionalWeakTable<object, ConcurrentDictionary<string, FixedBitSet>> Segments = [];
    private static readonly ConditionalWeakTable<IndexReader, ConcurrentDictionary<string, OrdinalBits>> Readers = [];

    internal static FixedBitSet Documents(AtomicReader segment, string? key, Func<FixedBitSet> evaluate) =>
        key is null || segment.MaxDoc < MinDocuments ? evaluate() : Get(Segments.GetValue(segment.CoreCacheKey, _ => []), key, evaluate);

    internal static OrdinalBits Ordinals(IndexReader reader, string? key, Func<OrdinalBits> evaluate) =>
        key is null ? evaluate() : Get(Readers.GetValue(reader, _ => []), key, evaluate);

    private static T Get<T>(ConcurrentDictionary<string, T> kept, string key, Func<T> evaluate)
    {
        if (kept.TryGetValue(key, out var result))
            return result;
        if (kept.Count >= MaxFilters)
            kept.Clear();
        return kept.GetOrAdd(key, _ => evaluate());
    }
}
