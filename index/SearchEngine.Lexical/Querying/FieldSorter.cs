using Lucene.Net.Index;

namespace SearchEngine.Lexical.Querying;

/// <summary>Keeps the first documents in the order of a field; those without a value last, ties by ascending ordinal.</summary>
internal sealed class FieldSorter(LexicalField field, bool descending, int top)
{
    internal int[] Sort(IndexReader reader, OrdinalBits? ordinals)
    {
        // The root is the last document kept.
        var kept = new PriorityQueue<(object? Value, int Ordinal), (object? Value, int Ordinal)>(
            Comparer<(object? Value, int Ordinal)>.Create((a, b) => Compare(b, a))
        );
        FieldColumn? column = null;
        MatchWalk.Over(
            reader,
            ordinals,
            segment => column = FieldColumn.Of(segment, field),
            (document, ordinal) =>
            {
                var places = column!.Places(document);
                (object?, int) item = (places.IsEmpty ? null : column.Values[places[0]], ordinal);
                if (kept.Count < top)
                    kept.Enqueue(item, item);
                else if (Compare(item, kept.Peek()) < 0)
                    kept.EnqueueDequeue(item, item);
            }
        );
        var sorted = kept.UnorderedItems.Select(i => i.Element).ToArray();
        Array.Sort(sorted, Compare);
        return Array.ConvertAll(sorted, item => item.Ordinal);
    }

    private int Compare((object? Value, int Ordinal) a, (object? Value, int Ordinal) b)
    {
        var order = (a.Value, b.Value) switch
        {
            (null, null) => 0,
            (null, _) => 1,
            (_, null) => -1,
            var (x, y) => descending ? ColumnValues.Compare(y, x) : ColumnValues.Compare(x, y),
        };
        return order != 0 ? order : a.Ordinal.CompareTo(b.Ordinal);
    }
}
