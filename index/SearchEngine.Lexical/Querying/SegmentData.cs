using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Lucene.Net.Index;
using SearchEngine.Lexical.Indexing;

namespace SearchEngine.Lexical.Querying;

/// <summary>
/// What searches need of a segment in plain memory: ordinals and lengths of its documents, and bounds of its frequent words. Read
/// once for the life of the segment (its core: deletions do not touch it), shared by all readers that hold it, collected with it.
/// Safe for concurrent use.
/// </summary>
internal sealed class SegmentData
{
    /// <summary>Bounds are some hundred bytes each; what is asked for more often comes back at once.</summary>
    private const int MaxBounds = 4096;

    private static readonly ConditionalWeakTable<object, SegmentData> Cache = [];

    private readonly ConcurrentDictionary<string, float[]> _lengths = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ScoreBound> _bounds = new(StringComparer.Ordinal);

    private readonly Lazy<(int[] Ordinals, int[] Documents)> _byOrdinal;

    private SegmentData(AtomicReader segment)
    {
        Ordinals = ReadOrdinals(segment);
        _byOrdinal = new Lazy<(int[], int[])>(SortByOrdinal);
    }

    /// <summary>Ordinal of each document.</summary>
    internal int[] Ordinals { get; }

    /// <summary>
    /// The documents of an ordinal: none, or several where it was deleted and used again, of which at most one is alive. A binary search;
    /// documents that do not lie by ordinal are sorted once.
    /// </summary>
    internal ReadOnlySpan<int> DocumentsOf(int ordinal)
    {
        var (ordinals, documents) = _byOrdinal.Value;
        var start = FirstNotBelow(ordinals, ordinal);
        var end = start;
        while (end < ordinals.Length && ordinals[end] == ordinal)
            end++;
        return documents.AsSpan(start, end - start);
    }

    internal static SegmentData Of(AtomicReader segment) => Cache.GetValue(segment.CoreCacheKey, _ => new SegmentData(segment));

    /// <summary>The weighted length of each document in tokens, over all given fields.</summary>
    internal float[] Lengths(AtomicReader segment, SearchedFields fields) =>
        _lengths.GetOrAdd(fields.Key, _ => ReadLengths(segment, fields));

    /// <summary>The bound under a key, made by a walk over its postings where it is not known yet.</summary>
    internal ScoreBound Bound(string key, Func<ScoreBound> make)
    {
        if (_bounds.TryGetValue(key, out var bound))
            return bound;
        if (_bounds.Count >= MaxBounds)
            _bounds.Clear();
        return _bounds.GetOrAdd(key, _ => make());
    }

    private (int[] Ordinals, int[] Documents) SortByOrdinal()
    {
        var documents = new int[Ordinals.Length];
        for (var doc = 0; doc < documents.Length; doc++)
            documents[doc] = doc;
        var isSorted = true;
        for (var doc = 1; doc < Ordinals.Length && isSorted; doc++)
            isSorted = Ordinals[doc - 1] <= Ordinals[doc];
        if (isSorted)
            return (Ordinals, documents);
        var ordinals = Ordinals.ToArray();
        Array.Sort(ordinals, documents);
        return (ordinals, documents);
    }

    private static int FirstNotBelow(int[] sorted, int value)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (int)(((uint)low + (uint)high) >> 1);
            if (sorted[middle] < value)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private static int[] ReadOrdinals(AtomicReader segment)
    {
        var values = segment.GetNumericDocValues(FieldNames.Ordinal);
        var ordinals = new int[segment.MaxDoc];
        for (var doc = 0; doc < ordinals.Length; doc++)
            ordinals[doc] = (int)values.Get(doc);
        return ordinals;
    }

    private static float[] ReadLengths(AtomicReader segment, SearchedFields fields)
    {
        var lengths = new float[segment.MaxDoc];
        for (var i = 0; i < fields.Lucene.Length; i++)
        {
            if (segment.GetNormValues(fields.Lucene[i]) is not { } norms)
                continue;
            var weight = fields.Weights[i];
            for (var doc = 0; doc < lengths.Length; doc++)
                lengths[doc] += weight * FieldLengths.Decode(norms.Get(doc));
        }
        return lengths;
    }
}
