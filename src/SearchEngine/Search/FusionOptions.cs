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
    /// Weight of the vector ranking, at least 0. Null, like the other: for relative scores the weights follow the query where vectors are
    /// compared by cosine (more for vectors where the nearest record is very near and stands out, more for keywords where their first one
    /// does; 0.6 to 0.95 for vectors unless <see cref="StartingWeight"/> is beyond, the rest of 1 for keywords), and are the starting
    /// weight and the rest of 1 elsewhere; for reciprocal ranks 1 and 1. Where one is given, the other is 1 unless given too.
    /// </summary>
    public double? VectorWeight { get; init; }

    /// <summary>Weight of the keyword ranking, at least 0; null as for <see cref="VectorWeight"/>.</summary>
    public double? KeywordWeight { get; init; }

    /// <summary>
    /// Where weights that are left open start from: the vector's weight in [0, 1]. Null takes what the embedding model says of itself (<see
    /// cref="EmbedderOptions.VectorWeightKey"/>), else <see cref="SearchDefaults.VectorWeight"/>.
    /// </summary>
    public double? StartingWeight { get; init; }

    /// <summary>How many candidates each ranker brings; 0 takes max(<see cref="SearchDefaults.FusionDepth"/>, Skip + Top).</summary>
    public int Depth { get; init; }
}
