namespace SearchEngine;

/// <summary>How the two rankings of a hybrid search become one.</summary>
public sealed record FusionOptions
{
    /// <summary>The constant of the paper, which found 60 to be good on several collections.</summary>
    public const int DefaultRankConstant = 60;

    /// <summary>
    /// The fusion measured best for the shipped embedder: relative scores, with weights chosen on SciFact's train queries, where the
    /// vector ranking reaches two thirds of BM25's nDCG@10 (docs/training.md has the figures).
    /// </summary>
    public static FusionOptions ForShippedModel { get; } =
        new()
        {
            Method = FusionMethod.RelativeScore,
            VectorWeight = 0.2,
            KeywordWeight = 0.8,
        };

    /// <summary>The formula.</summary>
    public FusionMethod Method { get; init; } = FusionMethod.ReciprocalRank;

    /// <summary>k of reciprocal ranks: the larger, the less the first ranks stand out.</summary>
    public int RankConstant { get; init; } = DefaultRankConstant;

    /// <summary>Weight of the vector ranking, at least 0.</summary>
    public double VectorWeight { get; init; } = SearchDefaults.VectorWeight;

    /// <summary>Weight of the keyword ranking, at least 0.</summary>
    public double KeywordWeight { get; init; } = SearchDefaults.KeywordWeight;

    /// <summary>How many candidates each ranker brings; 0 takes max(<see cref="SearchDefaults.FusionDepth"/>, Skip + Top).</summary>
    public int Depth { get; init; }
}
