using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Util;
using SearchEngine.Lexical.Indexing;

namespace SearchEngine.Lexical.Querying;

/// <summary>
/// A filterable field of a segment by document, turned round from the terms by which filters find documents: made where a facet, an order
/// or
/// a grouping first asks for it, kept for the segment's life. Four bytes a document and value, and the different values. Immutable.
/// </summary>
internal sealed class FieldColumn
{
    private static readonly ConditionalWeakTable<object, ConcurrentDictionary<string, FieldColumn>> Cache = [];

    private readonly int[] _places;
    private readonly int[] _starts;

    private FieldColumn(object[] values, int[] places, int[] starts)
    {
        Values = values;
        _places = places;
        _starts = starts;
    }

    /// <summary>The different values, ascending by <see cref="ColumnValues.Compare"/>.</summary>
    internal object[] Values { get; }

    /// <summary>The places in <see cref="Values"/> of a document's values, ascending; empty where it has none.</summary>
    internal ReadOnlySpan<int> Places(int document) => _places.AsSpan(_starts[document], _starts[document + 1] - _starts[document]);

    /// <summary>The field's column in a segment.</summary>
    internal static FieldColumn Of(AtomicReader segment, LexicalField field) =>
        Cache.GetValue(segment.CoreCacheKey, _ => new(StringComparer.Ordinal)).GetOrAdd(field.Name, _ => Read(segment, field));

    private static FieldColumn Read(AtomicReader segment, LexicalField field)
    {
        var values = new List<object>();
        var pairs = new List<(int Document, int Place)>();
        var terms = segment.GetTerms(FieldNames.Value(field.Name))?.GetEnumerator();
        DocsEnum? documents = null;
        while (terms?.MoveNext() == true)
        {
            if (!ColumnValues.TryRead(field, terms.Term, out var value))
                continue;
            documents = terms.Docs(null, documents, DocsFlags.NONE);
            for (var document = documents.NextDoc(); document != DocIdSetIterator.NO_MORE_DOCS; document = documents.NextDoc())
                pairs.Add((document, values.Count));
            values.Add(value);
        }
        var starts = new int[segment.MaxDoc + 1];
        foreach (var (document, _) in pairs)
            starts[document + 1]++;
        for (var document = 0; document < segment.MaxDoc; document++)
            starts[document + 1] += starts[document];
        var places = new int[pairs.Count];
        var next = starts.AsSpan(0, segment.MaxDoc).ToArray();
        foreach (var (document, place) in pairs)
            places[next[document]++] = place;
        return new FieldColumn([.. values], places, starts);
    }
}
