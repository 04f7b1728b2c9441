namespace SearchEngine;

/// <summary>
/// How the two rankings become one: weighted reciprocal rank fusion, score = Σ weight / (k + rank), ranks from 1
/// (Cormack, Clarke and Büttcher 2009).
/// </summary>
public sealed record FusionOptions
{
    /// <summary>The constant of the paper, which found 60 to be good on several collections.</summary>
    public const int DefaultRankConstant = 60;

    /// <summary>k: the larger, the less the first ranks stand out.</summary>
    public int RankConstant { get; init; } = DefaultRankConstant;

    /// <summary>Weight of the vector ranking, at least 0.</summary>
    public double VectorWeight { get; init; } = SearchDefaults.VectorWeight;

    /// <summary>Weight of the keyword ranking, at least 0.</summary>
    public double KeywordWeight { get; init; } = SearchDefaults.KeywordWeight;

    /// <summary>How many candidates each ranker brings; 0 takes max(<see cref="SearchDefaults.FusionDepth"/>, Skip + Top).</summary>
    public int Depth { get; init; }
}
