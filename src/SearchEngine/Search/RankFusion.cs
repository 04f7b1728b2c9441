namespace SearchEngine;

/// <summary>Makes one ranking of two; see <see cref="FusionMethod"/> for the formulas and their sources.</summary>
internal static class RankFusion
{
    /// <summary>A candidate of one ranking, larger scores first.</summary>
    public readonly record struct Ranked(int Ordinal, double Score);

    /// <summary>A fused candidate. Ranks are 0 and parts 0 where a ranking does not hold it; the score is the sum of the parts.</summary>
    public readonly record struct Fused(
        int Ordinal,
        int VectorRank,
        int KeywordRank,
        double VectorPart,
        double KeywordPart,
        double Limit = double.PositiveInfinity
    )
    {
        public double Score => double.IsFinite(Limit) ? Limit : VectorPart + KeywordPart;

        /// <summary>The same with no better score, its parts in the same proportion.</summary>
        public Fused AtMost(double score) =>
            Score <= score
                ? this
                : this with
                {
                    VectorPart = VectorPart * (score / Score),
                    KeywordPart = KeywordPart * (score / Score),
                    Limit = score,
                };

        public static Fused OfVector(int ordinal, int rank, double score) => new(ordinal, rank, 0, score, 0);

        public static Fused OfKeyword(int ordinal, int rank, double score) => new(ordinal, 0, rank, 0, score);
    }

    /// <summary>Fuses two rankings, best first; ties by the better single rank, then by ordinal.</summary>
    public static List<Fused> Fuse(ReadOnlySpan<Ranked> vector, ReadOnlySpan<Ranked> keyword, FusionOptions options)
    {
        var candidates = new Dictionary<int, Fused>(vector.Length + keyword.Length);
        // Distances have no natural zero: the worst candidate is it. BM25 has: no word matched.
        // Hits come in blocks, each sorted: the best and the worst need not be the first and the last.
        var (worst, best) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var hit in vector)
            (worst, best) = (Math.Min(worst, hit.Score), Math.Max(best, hit.Score));
        for (var i = 0; i < vector.Length; i++)
        {
            var part = options.VectorWeight * Share(options, i + 1, vector[i].Score - worst, best - worst);
            candidates.TryAdd(vector[i].Ordinal, new Fused(vector[i].Ordinal, i + 1, 0, part, 0));
        }

        for (var i = 0; i < keyword.Length; i++)
        {
            var part = options.KeywordWeight * Share(options, i + 1, keyword[i].Score, keyword[0].Score);
            var known = candidates.GetValueOrDefault(keyword[i].Ordinal, new Fused(keyword[i].Ordinal, 0, 0, 0, 0));
            if (known.KeywordRank == 0)
                candidates[keyword[i].Ordinal] = known with { KeywordRank = i + 1, KeywordPart = part };
        }

        var fused = candidates.Values.ToList();
        fused.Sort(
            static (a, b) =>
            {
                var byScore = b.Score.CompareTo(a.Score);
                if (byScore != 0)
                    return byScore;
                var byRank = BestRank(a).CompareTo(BestRank(b));
                return byRank != 0 ? byRank : a.Ordinal.CompareTo(b.Ordinal);
            }
        );
        return fused;
    }

    /// <summary>
    /// Fuses rankings of any depth so that the first hits do not depend on it: those up to each of <paramref name="depths"/> come of that
    /// many candidates of each ranker. A candidate that only a deeper look ranks high stands behind the hits before it, with no better
    /// score.
    /// </summary>
    /// <param name="vector">The vector ranking, as deep as the last depth.</param>
    /// <param name="keyword">The keyword ranking, likewise.</param>
    /// <param name="depths">Depths, ascending.</param>
    /// <param name="options">How to fuse.</param>
    public static List<Fused> Fuse(
        Ranked[] vector,
        Ranked[] keyword,
        IEnumerable<(int Depth, int Vector, int Keyword)> depths,
        FusionOptions options
    )
    {
        var hits = new List<Fused>();
        var seen = new HashSet<int>();
        foreach (var (depth, vectors, keywords) in depths)
        {
            var floor = hits.Count > 0 ? hits[^1].Score : double.PositiveInfinity;
            foreach (var candidate in Fuse(vector.AsSpan(0, vectors), keyword.AsSpan(0, keywords), options))
            {
                if (hits.Count == depth)
                    break;
                if (seen.Add(candidate.Ordinal))
                    hits.Add(candidate.AtMost(floor));
            }
        }

        return hits;
    }

    /// <summary>What a candidate gets of its ranking's weight. Where all candidates score the same, each gets all of it.</summary>
    private static double Share(FusionOptions options, int rank, double above, double range) =>
        options.Method == FusionMethod.ReciprocalRank ? 1.0 / (options.RankConstant + rank)
        : range > 0 ? above / range
        : 1;

    private static int BestRank(Fused fused) =>
        Math.Min(fused.VectorRank == 0 ? int.MaxValue : fused.VectorRank, fused.KeywordRank == 0 ? int.MaxValue : fused.KeywordRank);
}
