namespace SearchEngine.Vectors;

/// <summary>The codes that an index keeps in memory in place of the full vectors.</summary>
public enum VectorQuantization
{
    /// <summary>float32.</summary>
    None,

    /// <summary>float16.</summary>
    Float16,

    /// <summary>8 bits per component.</summary>
    Int8,

    /// <summary>4 bits per component.</summary>
    Int4,

    /// <summary>1 bit per component.</summary>
    Binary,
}
