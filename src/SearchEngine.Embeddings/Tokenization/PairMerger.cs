using System.Buffers;

namespace SearchEngine.Embeddings;

/// <summary>
/// Byte-pair encoding (Sennrich et al. 2016, arXiv 1508.07909): of all neighbouring symbols, merge the pair with the smallest rank, the
/// leftmost among equals, until no rule applies. Short inputs are scanned, O(n²) with a small constant; long ones use a heap over a
/// linked list, O(n log n). Thread-safe.
/// </summary>
internal sealed class PairMerger(MergeTable table)
{
    /// <summary>Up to here scanning beats the heap.</summary>
    private const int ScanLimit = 48;

    /// <summary>Merges in place and returns how many symbols are left at the start of the span.</summary>
    /// <param name="symbols">The symbols, non-negative.</param>
    /// <param name="origins">Null, or the last pair that was seen for every symbol whose origin is asked for later.</param>
    public int Merge(Span<int> symbols, Dictionary<int, (int Left, int Right)>? origins = null)
    {
        if (symbols.Length < 2)
            return symbols.Length;
        return symbols.Length <= ScanLimit ? MergeByScan(symbols, origins) : MergeByHeap(symbols, origins);
    }

    private int Rank(int left, int right, out int merged, Dictionary<int, (int Left, int Right)>? origins)
    {
        var rank = table.Rank(left, right, out merged);
        if (origins is not null && rank != MergeTable.NoRank)
            origins[merged] = (left, right);
        return rank;
    }

    private int MergeByScan(Span<int> symbols, Dictionary<int, (int Left, int Right)>? origins)
    {
        var count = symbols.Length;
        Span<int> ranks = stackalloc int[ScanLimit];
        Span<int> results = stackalloc int[ScanLimit];
        for (var i = 0; i + 1 < count; i++)
            ranks[i] = Rank(symbols[i], symbols[i + 1], out results[i], origins);
        while (count > 1)
        {
            var best = 0;
            for (var i = 1; i < count - 1; i++)
            {
                if (ranks[i] < ranks[best])
                    best = i;
            }
            if (ranks[best] == MergeTable.NoRank)
                break;
            symbols[best] = results[best];
            symbols[(best + 2)..count].CopyTo(symbols[(best + 1)..]);
            if (best + 1 < count - 1)
            {
                ranks[(best + 2)..(count - 1)].CopyTo(ranks[(best + 1)..]);
                results[(best + 2)..(count - 1)].CopyTo(results[(best + 1)..]);
            }
            count--;
            if (best > 0)
                ranks[best - 1] = Rank(symbols[best - 1], symbols[best], out results[best - 1], origins);
            if (best + 1 < count)
                ranks[best] = Rank(symbols[best], symbols[best + 1], out results[best], origins);
        }
        return count;
    }

    private int MergeByHeap(Span<int> symbols, Dictionary<int, (int Left, int Right)>? origins)
    {
        var length = symbols.Length;
        var previous = ArrayPool<int>.Shared.Rent(length);
        var next = ArrayPool<int>.Shared.Rent(length);
        PriorityQueue<Candidate, long> queue = new(length);
        for (var i = 0; i < length; i++)
        {
            previous[i] = i - 1;
            next[i] = i + 1 < length ? i + 1 : -1;
            if (i > 0)
                Enqueue(queue, symbols, i - 1, i, origins);
        }
        while (queue.TryDequeue(out var candidate, out _))
        {
            var left = candidate.Position;
            var right = next[left];
            // Symbols only grow, so the same two symbols at the same place are the pair that was queued.
            if (symbols[left] != candidate.Left || right < 0 || symbols[right] != candidate.Right)
                continue;
            symbols[left] = candidate.Merged;
            symbols[right] = -1;
            var after = next[left] = next[right];
            if (after >= 0)
            {
                previous[after] = left;
                Enqueue(queue, symbols, left, after, origins);
            }
            if (previous[left] >= 0)
                Enqueue(queue, symbols, previous[left], left, origins);
        }
        var count = 0;
        for (var i = 0; i >= 0; i = next[i])
            symbols[count++] = symbols[i];
        ArrayPool<int>.Shared.Return(previous);
        ArrayPool<int>.Shared.Return(next);
        return count;
    }

    private void Enqueue(
        PriorityQueue<Candidate, long> queue,
        Span<int> symbols,
        int left,
        int right,
        Dictionary<int, (int Left, int Right)>? origins
    )
    {
        var rank = Rank(symbols[left], symbols[right], out var merged, origins);
        if (rank != MergeTable.NoRank)
            queue.Enqueue(new Candidate(left, symbols[left], symbols[right], merged), ((long)rank << 32) | (uint)left);
    }

    private readonly record struct Candidate(int Position, int Left, int Right, int Merged);
}
