using SearchEngine.Vectors;

namespace SearchEngine;

/// <summary>How a search fuses, with nothing left open.</summary>
/// <param name="Method">The formula.</param>
/// <param name="RankConstant">k of reciprocal ranks.</param>
/// <param name="VectorWeight">Weight of the vector ranking.</param>
/// <param name="KeywordWeight">Weight of the keyword ranking.</param>
/// <param name="LeastVectorScore">The least score that a vector can have; null where there is none.</param>
internal sealed record FusionRule(
    FusionMethod Method,
    int RankConstant,
    double VectorWeight,
    double KeywordWeight,
    double? LeastVectorScore
)
{
    /// <summary>The rule of options.</summary>
    /// <param name="options">The options.</param>
    /// <param name="recordedWeight">The vector's weight as the embedding model gives it, in [0, 1]; null where it gives none.</param>
    /// <param name="metric">The vector field's metric; null where there is no vector ranking.</param>
    /// <exception cref="ArgumentException">An option is impossible; the message names it.</exception>
    public static FusionRule Of(FusionOptions options, double? recordedWeight, DistanceMetric? metric)
    {
        if (!Enum.IsDefined(options.Method))
            throw new ArgumentException($"Unknown fusion method {options.Method}.");
        if (options.RankConstant < 0)
            throw new ArgumentException($"The rank constant is {options.RankConstant}: it must not be negative.");
        var (vector, keyword) = Weights(options, recordedWeight);
        if (!(vector >= 0) || !(keyword >= 0) || !double.IsFinite(vector + keyword) || vector + keyword == 0)
            throw new ArgumentException($"Fusion weights {vector} and {keyword} must be finite, not negative and not both 0.");
        return new FusionRule(options.Method, options.RankConstant, vector, keyword, metric == DistanceMetric.Cosine ? -1 : null);
    }

    private static (double Vector, double Keyword) Weights(FusionOptions options, double? recordedWeight)
    {
        var isGiven = options.VectorWeight is not null || options.KeywordWeight is not null;
        if (isGiven || options.Method == FusionMethod.ReciprocalRank)
            return (options.VectorWeight ?? 1, options.KeywordWeight ?? 1);
        var weight = recordedWeight ?? SearchDefaults.VectorWeight;
        return (weight, 1 - weight);
    }
}
