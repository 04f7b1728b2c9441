namespace SearchEngine;

/// <summary>
/// Scores of candidates by the ranker that did not bring them: what a fusion of relative scores needs beyond the two rankings. Immutable.
/// </summary>
internal sealed class UnrankedScores
{
    private readonly Dictionary<int, double> _vector;
    private readonly Dictionary<int, double> _keyword;

    /// <param name="vector">Vector scores of keyword candidates, by ordinal.</param>
    /// <param name="keyword">Keyword scores of vector candidates, by ordinal; those without a matching word are not there.</param>
    public UnrankedScores(IEnumerable<RankFusion.Ranked> vector, IEnumerable<RankFusion.Ranked> keyword)
        : this(ByOrdinal(vector), ByOrdinal(keyword)) { }

    private UnrankedScores(Dictionary<int, double> vector, Dictionary<int, double> keyword)
    {
        _vector = vector;
        _keyword = keyword;
    }

    /// <summary>A vector score; null where the record has no vector, or one that is too far.</summary>
    public double? Vector(int ordinal) => _vector.TryGetValue(ordinal, out var score) ? score : null;

    /// <summary>A keyword score; null where no word matches.</summary>
    public double? Keyword(int ordinal) => _keyword.TryGetValue(ordinal, out var score) ? score : null;

    /// <summary>These with the ends of the rankings, for a fusion of their beginnings.</summary>
    public UnrankedScores With(ReadOnlySpan<RankFusion.Ranked> vector, ReadOnlySpan<RankFusion.Ranked> keyword)
    {
        if (vector.IsEmpty && keyword.IsEmpty)
            return this;
        var (vectors, keywords) = (new Dictionary<int, double>(_vector), new Dictionary<int, double>(_keyword));
        foreach (var hit in vector)
            vectors.TryAdd(hit.Ordinal, hit.Score);
        foreach (var hit in keyword)
            keywords.TryAdd(hit.Ordinal, hit.Score);
        return new UnrankedScores(vectors, keywords);
    }

    private static Dictionary<int, double> ByOrdinal(IEnumerable<RankFusion.Ranked> scores) =>
        scores.ToDictionary(s => s.Ordinal, s => s.Score);
}
