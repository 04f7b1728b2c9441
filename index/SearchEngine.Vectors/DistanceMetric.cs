namespace SearchEngine.Vectors;

/// <summary>How far apart two vectors are. A distance is always "smaller is nearer".</summary>
public enum DistanceMetric
{
    /// <summary>1 - cos(a, b), in 0…2. Zero vectors have no direction and are rejected.</summary>
    Cosine,

    /// <summary>-⟨a, b⟩ (maximum inner product search).</summary>
    DotProduct,

    /// <summary>The Euclidean distance ‖a - b‖₂ (not squared).</summary>
    Euclidean,

    /// <summary>The sum of absolute differences ‖a - b‖₁. Flat index only.</summary>
    Manhattan,

    /// <summary>The number of components that differ. Flat index only.</summary>
    Hamming,
}
