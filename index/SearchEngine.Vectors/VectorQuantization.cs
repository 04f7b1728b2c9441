namespace SearchEngine.Vectors;

/// <summary>How the vectors that a graph search compares are held in memory.</summary>
public enum VectorQuantization
{
    /// <summary>32-bit floats: 4 × dimension bytes per vector.</summary>
    None,

    /// <summary>IEEE half precision: 2 × dimension bytes per vector.</summary>
    Float16,

    /// <summary>8-bit integers after a random rotation: dimension bytes per vector.</summary>
    Int8,

    /// <summary>4-bit integers after a random rotation, with correction terms: dimension / 2 bytes per vector.</summary>
    Int4,

    /// <summary>1 bit per component (RaBitQ): dimension / 8 bytes per vector; needs re-ranking.</summary>
    Binary,
}
