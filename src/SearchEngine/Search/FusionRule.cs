using SearchEngine.Vectors;

namespace SearchEngine;

/// <summary>How a search fuses, with nothing left open.</summary>
/// <param name="Method">The formula.</param>
/// <param name="RankConstant">k of reciprocal ranks.</param>
/// <param name="VectorWeight">Weight of the vector ranking.</param>
/// <param name="KeywordWeight">Weight of the keyword ranking.</param>
/// <param name="LeastVectorScore">The least score that a vector can have; null where there is none.</param>
/// <param name="FollowsQuery">Whether the weights are where <see cref="QueryWeight"/> starts from.</param>
internal sealed record FusionRule(
    FusionMethod Method,
    int RankConstant,
    double VectorWeight,
    double KeywordWeight,
    double? LeastVectorScore,
    bool FollowsQuery
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
        if (options.StartingWeight is < 0 or > 1 or double.NaN)
            throw new ArgumentException($"The starting weight is {options.StartingWeight}: it must be 0 to 1.");
        var (vector, keyword) = Weights(options, recordedWeight);
        if (!(vector >= 0) || !(keyword >= 0) || !double.IsFinite(vector + keyword) || vector + keyword == 0)
            throw new ArgumentException($"Fusion weights {vector} and {keyword} must be finite, not negative and not both 0.");
        return new FusionRule(
            options.Method,
            options.RankConstant,
            vector,
            keyword,
            metric == DistanceMetric.Cosine ? -1 : null,
            IsOpen(options) && metric == DistanceMetric.Cosine
        );
    }

    /// <summary>The rule with the weights of one query, whose candidates are given.</summary>
    /// <param name="scores">As for <see cref="QueryWeight.Of"/>.</param>
    public FusionRule For(IEnumerable<(double? Vector, double? Keyword)> scores)
    {
        if (!FollowsQuery)
            return this;
        var weight = QueryWeight.Of(VectorWeight, scores);
        return this with { VectorWeight = weight, KeywordWeight = 1 - weight, FollowsQuery = false };
    }

    private static bool IsOpen(FusionOptions options) =>
        options is { Method: FusionMethod.RelativeScore, VectorWeight: null, KeywordWeight: null };

    private static (double Vector, double Keyword) Weights(FusionOptions options, double? recordedWeight)
    {
        if (!IsOpen(options))
            return (options.VectorWeight ?? 1, options.KeywordWeight ?? 1);
        var weight = options.StartingWeight ?? recordedWeight ?? SearchDefaults.VectorWeight;
        return (weight, 1 - weight);
    }
}
