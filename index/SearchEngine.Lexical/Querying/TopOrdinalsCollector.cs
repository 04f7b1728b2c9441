using Lucene.Net.Index;
using Lucene.Net.Search;
using SearchEngine.Lexical.Indexing;

namespace SearchEngine.Lexical.Querying;

/// <summary>Keeps the best documents by score, ties by ascending ordinal, so that results do not depend on how segments lie.</summary>
internal sealed class TopOrdinalsCollector(int top, OrdinalBits? filter) : ICollector
{
    // The root is the worst hit kept.
    private readonly PriorityQueue<LexicalHit, LexicalHit> _worstFirst = new(Comparer<LexicalHit>.Create(
        (a, b) => a.Score != b.Score ? a.Score.CompareTo(b.Score) : b.Ordinal.CompareTo(a.Ordinal)));

    private Scorer? _scorer;
    private NumericDocValues? _ordinals;
    private LexicalHit _worst;

    public bool AcceptsDocsOutOfOrder => true;

    public void SetScorer(Scorer scorer) => _scorer = scorer;

    public void SetNextReader(AtomicReaderContext context) =>
        _ordinals = context.AtomicReader.GetNumericDocValues(FieldNames.Ordinal);

    public void Collect(int doc)
    {
        int ordinal = (int)_ordinals!.Get(doc);
        if (filter is not null && !filter.Contains(ordinal))
            return;
        var hit = new LexicalHit(ordinal, _scorer!.GetScore());
        if (_worstFirst.Count < top)
        {
            _worstFirst.Enqueue(hit, hit);
            _worst = _worstFirst.Peek();
        }
        else if (hit.Score > _worst.Score || hit.Score == _worst.Score && hit.Ordinal < _worst.Ordinal)
        {
            _worstFirst.EnqueueDequeue(hit, hit);
            _worst = _worstFirst.Peek();
        }
    }

    internal LexicalHit[] Hits()
    {
        var hits = new LexicalHit[_worstFirst.Count];
        for (int i = hits.Length - 1; i >= 0; i--)
            hits[i] = _worstFirst.Dequeue();
        return hits;
    }
}
