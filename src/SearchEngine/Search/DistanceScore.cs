using SearchEngine.Vectors;

namespace SearchEngine;

/// <summary>The one place where a distance (smaller is better) becomes a score (larger is better).</summary>
internal static class DistanceScore
{
    /// <summary>Cosine similarity, dot product, or minus the distance.</summary>
    public static double FromDistance(DistanceMetric metric, float distance) =>
        metric == DistanceMetric.Cosine ? 1.0 - distance : -(double)distance;
}
