namespace SearchEngine.Lexical.Querying;

/// <summary>The best documents by score, ties by ascending ordinal, so that results do not depend on how segments lie.</summary>
internal sealed class TopHits(int top)
{
    // A binary heap whose root is the worst hit kept.
    private (double Score, int Ordinal)[] _heap = new (double, int)[Math.Min(top, 128)];
    private int _count;

    /// <summary>What a document must reach to be kept: 0 while there is room.</summary>
    internal double Threshold => _count < top ? 0 : _heap[0].Score;

    internal void Offer(double score, int ordinal)
    {
        if (_count < top)
        {
            if (_count == _heap.Length)
                Array.Resize(ref _heap, Math.Min(top, _count * 2));
            Rise(_count++, (score, ordinal));
        }
        else if (IsWorse(_heap[0], (score, ordinal)))
        {
            Sink((score, ordinal));
        }
    }

    internal LexicalHit[] ToArray()
    {
        var kept = _heap.AsSpan(0, _count).ToArray();
        Array.Sort(kept, (a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Ordinal.CompareTo(b.Ordinal));
        return Array.ConvertAll(kept, hit => new LexicalHit(hit.Ordinal, (float)hit.Score));
    }

    private static bool IsWorse((double Score, int Ordinal) a, (double Score, int Ordinal) b) =>
        a.Score < b.Score || a.Score == b.Score && a.Ordinal > b.Ordinal;

    private void Rise(int at, (double Score, int Ordinal) hit)
    {
        while (at > 0 && IsWorse(hit, _heap[(at - 1) / 2]))
        {
            _heap[at] = _heap[(at - 1) / 2];
            at = (at - 1) / 2;
        }
        _heap[at] = hit;
    }

    private void Sink((double Score, int Ordinal) hit)
    {
        var at = 0;
        while (2 * at + 1 < _count)
        {
            var child = 2 * at + 1;
            if (child + 1 < _count && IsWorse(_heap[child + 1], _heap[child]))
                child++;
            if (!IsWorse(_heap[child], hit))
                break;
            _heap[at] = _heap[child];
            at = child;
        }
        _heap[at] = hit;
    }
}
