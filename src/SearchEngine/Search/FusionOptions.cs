namespace SearchEngine;

/// <summary>How the two rankings of a hybrid search become one.</summary>
public sealed record FusionOptions
{
    /// <summary>The constant of the paper, which found 60 to be good on several collections.</summary>
    public const int DefaultRankConstant = 60;

    /// <summary>The formula.</summary>
    public FusionMethod Method { get; init; } = FusionMethod.RelativeScore;

    /// <summary>k of reciprocal ranks: the larger, the less the first ranks stand out.</summary>
    public int RankConstant { get; init; } = DefaultRankConstant;

    /// <summary>
    /// Weight of the vector ranking, at least 0. Null, like the other: for relative scores what the embedding model says of itself
    /// (<see cref="EmbedderOptions.VectorWeightKey"/>), else <see cref="SearchDefaults.VectorWeight"/>, and the rest of 1 for keywords; for
    /// reciprocal ranks 1 and 1. Where one is given, the other is 1 unless given too.
    /// </summary>
    public double? VectorWeight { get; init; }

    /// <summary>Weight of the keyword ranking, at least 0; null as for <see cref="VectorWeight"/>.</summary>
    public double? KeywordWeight { get; init; }

    /// <summary>How many candidates each ranker brings; 0 takes max(<see cref="SearchDefaults.FusionDepth"/>, Skip + Top).</summary>
    public int Depth { get; init; }
}
