namespace SearchEngine;

/// <summary>Makes one ranking of two; see <see cref="FusionMethod"/> for the formulas and their sources.</summary>
internal static class RankFusion
{
    /// <summary>A candidate of one ranking, larger scores first.</summary>
    public readonly record struct Ranked(int Ordinal, double Score);

    /// <summary>A fused candidate. Ranks are 0 and parts 0 where a ranking does not hold it; the score is the sum of the parts.</summary>
    public readonly record struct Fused(int Ordinal, int VectorRank, int KeywordRank, double VectorPart, double KeywordPart)
    {
        public double Score => VectorPart + KeywordPart;

        public static Fused OfVector(int ordinal, int rank, double score) => new(ordinal, rank, 0, score, 0);

        public static Fused OfKeyword(int ordinal, int rank, double score) => new(ordinal, 0, rank, 0, score);
    }

    /// <summary>Fuses two rankings, best first; ties by the better single rank, then by ordinal.</summary>
    public static List<Fused> Fuse(ReadOnlySpan<Ranked> vector, ReadOnlySpan<Ranked> keyword, FusionOptions options)
    {
        var candidates = new Dictionary<int, Fused>(vector.Length + keyword.Length);
        // Distances have no natural zero: the worst candidate is it. BM25 has: no word matched.
        var worstVector = vector.IsEmpty ? 0 : vector[^1].Score;
        for (var i = 0; i < vector.Length; i++)
        {
            var part = options.VectorWeight * Share(options, i + 1, vector[i].Score - worstVector, vector[0].Score - worstVector);
            candidates.TryAdd(vector[i].Ordinal, new Fused(vector[i].Ordinal, i + 1, 0, part, 0));
        }

        for (var i = 0; i < keyword.Length; i++)
        {
            var part = options.KeywordWeight * Share(options, i + 1, keyword[i].Score, keyword[0].Score);
            var known = candidates.GetValueOrDefault(keyword[i].Ordinal, new Fused(keyword[i].Ordinal, 0, 0, 0, 0));
            if (known.KeywordRank == 0) candidates[keyword[i].Ordinal] = known with { KeywordRank = i + 1, KeywordPart = part };
        }

        var fused = candidates.Values.ToList();
        fused.Sort(static (a, b) =>
        {
            var byScore = b.Score.CompareTo(a.Score);
            if (byScore != 0) return byScore;
            var byRank = BestRank(a).CompareTo(BestRank(b));
            return byRank != 0 ? byRank : a.Ordinal.CompareTo(b.Ordinal);
        });
        return fused;
    }

    /// <summary>What a candidate gets of its ranking's weight. Where all candidates score the same, each gets all of it.</summary>
    private static double Share(FusionOptions options, int rank, double above, double range) => options.Method == FusionMethod.ReciprocalRank
        ? 1.0 / (options.RankConstant + rank)
        : range > 0 ? above / range : 1;

    private static int BestRank(Fused fused) => Math.Min(fused.VectorRank == 0 ? int.MaxValue : fused.VectorRank, fused.KeywordRank == 0 ? int.MaxValue : fused.KeywordRank);
}
