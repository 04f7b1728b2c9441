using Microsoft.Extensions.VectorData;
using SearchEngine.Vectors;

namespace SearchEngine.SemanticKernel;

/// <summary>
/// A VectorData distance function over one of the engine's metrics. The engine's distances are smaller for closer vectors; the function's
/// score has the value and the direction that its name says. The one place where the two are converted.
/// </summary>
internal sealed class DistanceMapping
{
    private static readonly DistanceMapping[] All =
    [
        new(DistanceFunction.CosineSimilarity, DistanceMetric.Cosine, static d => 1.0 - d, static s => 1.0 - s),
        new(DistanceFunction.CosineDistance, DistanceMetric.Cosine, static d => d, static s => s),
        new(DistanceFunction.DotProductSimilarity, DistanceMetric.DotProduct, static d => -d, static s => -s),
        new(DistanceFunction.NegativeDotProductSimilarity, DistanceMetric.DotProduct, static d => d, static s => s),
        new(DistanceFunction.EuclideanDistance, DistanceMetric.Euclidean, static d => d, static s => s),
        new(
            DistanceFunction.EuclideanSquaredDistance,
            DistanceMetric.Euclidean,
            static d => d * d,
            static s => s < 0 ? -1.0 : Math.Sqrt(s)
        ),
        new(DistanceFunction.ManhattanDistance, DistanceMetric.Manhattan, static d => d, static s => s),
        new(DistanceFunction.HammingDistance, DistanceMetric.Hamming, static d => d, static s => s),
    ];

    private readonly Func<double, double> _toScore;
    private readonly Func<double, double> _toDistance;

    private DistanceMapping(string function, DistanceMetric metric, Func<double, double> toScore, Func<double, double> toDistance)
    {
        Function = function;
        Metric = metric;
        _toScore = toScore;
        _toDistance = toDistance;
    }

    /// <summary>The function's name, one of <see cref="DistanceFunction"/>.</summary>
    public string Function { get; }

    /// <summary>The engine's metric under it.</summary>
    public DistanceMetric Metric { get; }

    /// <summary>The mapping of a function; null is <see cref="DistanceFunction.CosineSimilarity"/>.</summary>
    /// <exception cref="NotSupportedException">No such function.</exception>
    public static DistanceMapping Find(string? function) =>
        Array.Find(All, m => m.Function == (function ?? DistanceFunction.CosineSimilarity))
        ?? throw new NotSupportedException(
            $"Distance function '{function}' is not supported. Supported: {string.Join(", ", All.Select(m => m.Function))}."
        );

    /// <summary>The usual function of a metric, for a collection whose model names none: a similarity where there is one.</summary>
    public static DistanceMapping FindDefault(DistanceMetric metric) => All.First(m => m.Metric == metric);

    /// <summary>The score of a distance.</summary>
    public double ToScore(float distance) => _toScore(distance);

    /// <summary>Whether a score is at least as good as the threshold.</summary>
    public bool Passes(double score, double threshold) => _toDistance(score) <= _toDistance(threshold);

    /// <summary>
    /// A distance that no hit within the threshold exceeds: one float step wide of the exact value, so that rounding loses none.
    /// What lies in that step is taken out by <see cref="Passes"/>.
    /// </summary>
    public float ToMaximumDistance(double threshold)
    {
        var distance = (float)_toDistance(threshold);
        return float.IsFinite(distance) ? MathF.BitIncrement(distance) : distance;
    }
}
