namespace SearchEngine;

/// <summary>Weighted reciprocal rank fusion (Cormack, Clarke and Büttcher 2009): score = Σ weight / (k + rank), ranks from 1.</summary>
internal static class RankFusion
{
    /// <summary>A fused candidate: ranks are 0 where a ranking does not hold it.</summary>
    public readonly record struct Fused(int Ordinal, double Score, int VectorRank, int KeywordRank);

    /// <summary>Fuses two rankings of ordinals, best first; ties by the better single rank, then by ordinal.</summary>
    public static List<Fused> Fuse(ReadOnlySpan<int> vector, ReadOnlySpan<int> keyword, FusionOptions options)
    {
        var ranks = new Dictionary<int, (int Vector, int Keyword)>(vector.Length + keyword.Length);
        for (var i = 0; i < vector.Length; i++) ranks.TryAdd(vector[i], (i + 1, 0));
        for (var i = 0; i < keyword.Length; i++)
        {
            var known = ranks.GetValueOrDefault(keyword[i]);
            if (known.Keyword == 0) ranks[keyword[i]] = (known.Vector, i + 1);
        }

        var fused = new List<Fused>(ranks.Count);
        foreach (var (ordinal, rank) in ranks)
            fused.Add(new Fused(ordinal, Contribution(rank.Vector, options.VectorWeight, options) + Contribution(rank.Keyword, options.KeywordWeight, options), rank.Vector, rank.Keyword));
        fused.Sort(static (a, b) =>
        {
            var byScore = b.Score.CompareTo(a.Score);
            if (byScore != 0) return byScore;
            var byRank = BestRank(a).CompareTo(BestRank(b));
            return byRank != 0 ? byRank : a.Ordinal.CompareTo(b.Ordinal);
        });
        return fused;
    }

    /// <summary>What a rank adds to a fused score; 0 for rank 0 (not ranked).</summary>
    public static double Contribution(int rank, double weight, FusionOptions options) => rank == 0 ? 0 : weight / (options.RankConstant + rank);

    private static int BestRank(Fused fused) => Math.Min(fused.VectorRank == 0 ? int.MaxValue : fused.VectorRank, fused.KeywordRank == 0 ? int.MaxValue : fused.KeywordRank);
}
