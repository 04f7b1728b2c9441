using System.Runtime.InteropServices;

namespace SearchEngine;

/// <summary>Makes one ranking of two; see <see cref="FusionMethod"/> for the formulas and their sources.</summary>
internal static class RankFusion
{
    /// <summary>A candidate of one ranking, larger scores first.</summary>
    public readonly record struct Ranked(int Ordinal, double Score);

    /// <summary>
    /// A fused candidate. Ranks are 0 where a ranking does not hold it; parts are 0 where a ranker says nothing of it. The score is the sum
    /// of the parts.
    /// </summary>
    public readonly record struct Fused(
        int Ordinal,
        int VectorRank,
        int KeywordRank,
        double VectorPart,
        double KeywordPart,
        double Limit = double.PositiveInfinity
    )
    {
        public double Score => (double.IsFinite(Limit) ? Limit : VectorPart + KeywordPart) + RerankPart + BoostPart;

        /// <summary>Place among what a reranker read, from 1; 0 where it did not read this.</summary>
        public int RerankRank { get; init; }

        /// <summary>Whether boosts reached this.</summary>
        public bool IsBoosted { get; init; }

        /// <summary>The reranker's own score.</summary>
        public double RerankScore { get; init; }

        /// <summary>What the reranker adds to the score.</summary>
        public double RerankPart { get; init; }

        /// <summary>What boosts add to the score.</summary>
        public double BoostPart { get; init; }

        /// <summary>The same with <paramref name="share"/> as what the rankers give together, their parts in the same proportion.</summary>
        public Fused WithBase(double share)
        {
            // The score of one ranker alone may be negative (a distance); its share is not.
            var whole = VectorPart + KeywordPart;
            return whole > 0
                    ? this with
                    {
                        VectorPart = VectorPart * (share / whole),
                        KeywordPart = KeywordPart * (share / whole),
                        Limit = share,
                    }
                : VectorRank > 0 ? this with { VectorPart = share, KeywordPart = 0, Limit = share }
                : this with { VectorPart = 0, KeywordPart = share, Limit = share };
        }

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
    /// <param name="vector">The vector ranking.</param>
    /// <param name="keyword">The keyword ranking.</param>
    /// <param name="rule">How to fuse.</param>
    /// <param name="unranked">Scores of candidates that stand in one ranking only; null where there are none.</param>
    public static Fused[] Fuse(ReadOnlySpan<Ranked> vector, ReadOnlySpan<Ranked> keyword, FusionRule rule, UnrankedScores? unranked = null)
    {
        var candidates = CandidatesOf(vector, keyword, unranked);
        return Order(candidates, rule.For(ScoresOf(candidates)));
    }

    /// <summary>
    /// Fuses rankings of any depth so that the first hits do not depend on it: those up to each of <paramref name="depths"/> come of that
    /// many candidates of each ranker. A candidate that only a deeper look ranks high stands behind the hits before it, with no better
    /// score.
    /// </summary>
    /// <param name="vector">The vector ranking, as deep as the last depth.</param>
    /// <param name="keyword">The keyword ranking, likewise.</param>
    /// <param name="depths">Depths, ascending.</param>
    /// <param name="rule">How to fuse.</param>
    /// <param name="unranked">Scores of candidates that stand in one ranking only; null where there are none.</param>
    public static List<Fused> Fuse(
        Ranked[] vector,
        Ranked[] keyword,
        IEnumerable<(int Depth, int Vector, int Keyword)> depths,
        FusionRule rule,
        UnrankedScores? unranked = null
    )
    {
        var hits = new List<Fused>(vector.Length + keyword.Length);
        var seen = new HashSet<int>(vector.Length + keyword.Length);
        FusionRule? settled = null;
        foreach (var (depth, vectors, keywords) in depths)
        {
            var floor = hits.Count > 0 ? hits[^1].Score : double.PositiveInfinity;
            var beyond = unranked?.With(vector.AsSpan(vectors), keyword.AsSpan(keywords));
            var candidates = CandidatesOf(vector.AsSpan(0, vectors), keyword.AsSpan(0, keywords), beyond);
            // The weights of the first hits are those of all.
            settled ??= rule.For(ScoresOf(candidates));
            foreach (var candidate in Order(candidates, settled))
            {
                if (hits.Count == depth)
                    break;
                if (seen.Add(candidate.Ordinal))
                    hits.Add(candidate.AtMost(floor));
            }
        }

        return hits;
    }

    private static Dictionary<int, Candidate> CandidatesOf(
        ReadOnlySpan<Ranked> vector,
        ReadOnlySpan<Ranked> keyword,
        UnrankedScores? unranked
    )
    {
        var candidates = new Dictionary<int, Candidate>(vector.Length + keyword.Length);
        for (var i = 0; i < vector.Length; i++)
        {
            var ordinal = vector[i].Ordinal;
            candidates.TryAdd(ordinal, new Candidate(i + 1, 0, vector[i].Score, unranked?.Keyword(ordinal)));
        }

        for (var i = 0; i < keyword.Length; i++)
        {
            var ordinal = keyword[i].Ordinal;
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(candidates, ordinal, out var isKnown);
            if (!isKnown)
                known = new Candidate(0, 0, unranked?.Vector(ordinal), null);
            if (known.KeywordRank == 0)
                known = known with { KeywordRank = i + 1, KeywordScore = keyword[i].Score };
        }

        return candidates;
    }

    private static IEnumerable<(double? Vector, double? Keyword)> ScoresOf(Dictionary<int, Candidate> candidates) =>
        candidates.Values.Select(candidate => (candidate.VectorScore, candidate.KeywordScore));

    private static Fused[] Order(Dictionary<int, Candidate> candidates, FusionRule rule)
    {
        var fused = Scored(candidates, rule);
        var places = Array.ConvertAll(fused, candidate => new Place(candidate.Score, BestRank(candidate), candidate.Ordinal));
        // The places are sorted, and not the candidates, which are ten times as large.
        Array.Sort(places, fused);
        return fused;
    }

    private static Fused[] Scored(Dictionary<int, Candidate> candidates, FusionRule rule)
    {
        // Hits come in blocks, each sorted, and candidates of the other ranker are among them: the best need not be the first.
        var (worst, best, bestKeyword) = (double.PositiveInfinity, double.NegativeInfinity, 0.0);
        foreach (var candidate in candidates.Values)
        {
            if (candidate.VectorScore is { } score)
                (worst, best) = (Math.Min(worst, score), Math.Max(best, score));
            bestKeyword = Math.Max(bestKeyword, candidate.KeywordScore ?? 0);
        }

        var least = rule.LeastVectorScore ?? worst;
        var fused = new Fused[candidates.Count];
        var count = 0;
        foreach (var (ordinal, candidate) in candidates)
        {
            var (vector, keyword) =
                rule.Method == FusionMethod.ReciprocalRank
                    ? (Reciprocal(rule, candidate.VectorRank), Reciprocal(rule, candidate.KeywordRank))
                    : (Share(candidate.VectorScore - least, best - least), Share(candidate.KeywordScore, bestKeyword));
            fused[count++] = new Fused(
                ordinal,
                candidate.VectorRank,
                candidate.KeywordRank,
                rule.VectorWeight * vector,
                rule.KeywordWeight * keyword
            );
        }

        return fused;
    }

    private static double Reciprocal(FusionRule rule, int rank) => rank == 0 ? 0 : 1.0 / (rule.RankConstant + rank);

    /// <summary>
    /// What a candidate gets of its ranking's weight; nothing where the ranker says nothing of it. Where all candidates score the same, each
    /// gets all of it.
    /// </summary>
    private static double Share(double? above, double range) =>
        above is not { } score ? 0
        : range > 0 ? score / range
        : 1;

    private static int BestRank(Fused fused) =>
        Math.Min(fused.VectorRank == 0 ? int.MaxValue : fused.VectorRank, fused.KeywordRank == 0 ? int.MaxValue : fused.KeywordRank);

    /// <summary>What orders a candidate: its score, then its better single rank, then its ordinal.</summary>
    private readonly record struct Place(double Score, int BestRank, int Ordinal) : IComparable<Place>
    {
        public int CompareTo(Place other)
        {
            var byScore = other.Score.CompareTo(Score);
            if (byScore != 0)
                return byScore;
            var byRank = BestRank.CompareTo(other.BestRank);
            return byRank != 0 ? byRank : Ordinal.CompareTo(other.Ordinal);
        }
    }

    private readonly record struct Candidate(int VectorRank, int KeywordRank, double? VectorScore, double? KeywordScore);
}
