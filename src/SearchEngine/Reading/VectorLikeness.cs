using System.Numerics.Tensors;
using SearchEngine.Vectors;

namespace SearchEngine.Reading;

/// <summary>
/// How alike records are, from 0 to 1, by their vectors; <see cref="DiversityOptions"/> has the formulas. For one thread at a time.
/// </summary>
/// <param name="metric">The vectors' metric.</param>
/// <param name="vectors">The records' vectors, the best candidate's first; null for a record without one.</param>
internal sealed class VectorLikeness(DistanceMetric metric, IReadOnlyList<float[]?> vectors)
{
    private const double Unknown = 0.5;

    private readonly double _reach = metric is DistanceMetric.Cosine or DistanceMetric.DotProduct ? 0 : Reach(metric, vectors);

    public double Of(int one, int other)
    {
        if (vectors[one] is not { } a || vectors[other] is not { } b)
            return Unknown;
        if (metric is DistanceMetric.Cosine or DistanceMetric.DotProduct)
        {
            // A zero vector, which the dot product allows, has no direction.
            var cosine = (double)TensorPrimitives.CosineSimilarity<float>(a, b);
            return double.IsFinite(cosine) ? (1 + Math.Clamp(cosine, -1, 1)) / 2 : Unknown;
        }

        // By the triangle through the first vector no two are farther apart than twice the reach.
        return _reach > 0 ? 1 - Math.Min(1, Distance(metric, a, b) / (2 * _reach)) : 1;
    }

    private static double Reach(DistanceMetric metric, IReadOnlyList<float[]?> vectors)
    {
        if (vectors.FirstOrDefault(vector => vector is not null) is not { } first)
            return 0;
        return vectors.Max(vector => vector is null ? 0 : Distance(metric, first, vector));
    }

    private static double Distance(DistanceMetric metric, float[] a, float[] b)
    {
        if (metric == DistanceMetric.Hamming)
            return TensorPrimitives.HammingDistance<float>(a, b);
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            var difference = (double)a[i] - b[i];
            sum += metric == DistanceMetric.Manhattan ? Math.Abs(difference) : difference * difference;
        }

        return metric == DistanceMetric.Manhattan ? sum : Math.Sqrt(sum);
    }
}
