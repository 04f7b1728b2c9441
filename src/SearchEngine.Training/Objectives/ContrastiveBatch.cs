using static TorchSharp.torch;

namespace SearchEngine.Training;

/// <summary>
/// The texts of a contrastive batch in one list: the queries, then the positives in the same order, then all hard negatives.
/// </summary>
internal sealed record ContrastiveBatch(IReadOnlyList<int[]> All, int Pairs, long Tokens)
{
    public static ContrastiveBatch From(PairBatch batch, int hardNegatives)
    {
        var all = new List<int[]>(batch.Pairs.Length * (2 + hardNegatives));
        all.AddRange(batch.Pairs.Select(p => p.Query));
        all.AddRange(batch.Pairs.Select(p => p.Positive));
        all.AddRange(batch.Pairs.SelectMany(p => p.Negatives.Take(hardNegatives)).Where(n => n.Length > 0));
        return new ContrastiveBatch(all, batch.Pairs.Length, all.Sum(t => (long)t.Length));
    }

    /// <summary>
    /// True where a candidate is no true negative of a query: another pair with the same query or the same positive, or a hard negative
    /// that equals the
    /// query's positive. Null where there is none. (pairs, pairs + negatives)
    /// </summary>
    public Tensor? Exclusions()
    {
        var candidates = All.Count - Pairs;
        var queries = Group(0, Pairs);
        var texts = Group(Pairs, candidates);
        var mask = new bool[Pairs * candidates];
        var any = false;
        foreach (var same in queries.Values.Where(g => g.Count > 1))
        {
            foreach (var i in same)
            {
                foreach (var j in same)
                    Exclude(i, j);
            }
        }

        foreach (var same in texts.Values.Where(g => g.Count > 1))
        {
            foreach (var i in same.Where(i => i < Pairs))
            {
                foreach (var j in same)
                    Exclude(i, j);
            }
        }

        return any ? tensor(mask, [Pairs, candidates]) : null;

        void Exclude(int i, int j)
        {
            if (i == j)
                return;
            mask[i * candidates + j] = true;
            any = true;
        }
    }

    private Dictionary<ulong, List<int>> Group(int start, int count)
    {
        var groups = new Dictionary<ulong, List<int>>(count);
        for (var i = 0; i < count; i++)
        {
            var hash = 14695981039346656037UL;
            foreach (var id in All[start + i])
                hash = (hash ^ (uint)id) * 1099511628211UL;
            if (!groups.TryGetValue(hash, out var list))
                groups[hash] = list = [];
            list.Add(i);
        }

        return groups;
    }
}
