namespace SearchEngine.Vectors;

/// <summary>How two vectors are compared. A distance is smaller when they are closer.</summary>
public enum DistanceMetric
{
    /// <summary>1 − cosine of the angle, 0…2.</summary>
    Cosine,

    /// <summary>Minus the dot product.</summary>
    DotProduct,

    /// <summary>L2 distance (not squared).</summary>
    Euclidean,

    /// <summary>L1 distance.</summary>
    Manhattan,

    /// <summary>How many components differ.</summary>
    Hamming,
}
