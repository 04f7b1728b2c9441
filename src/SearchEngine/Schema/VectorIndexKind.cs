namespace SearchEngine;

/// <summary>How a vector field is searched.</summary>
public enum VectorIndexKind : byte
{
    /// <summary>Hierarchical navigable small-world graph: approximate, fast at any size.</summary>
    Hnsw = 1,

    /// <summary>Every vector compared: exact, for small collections and the metrics without a graph.</summary>
    Flat = 2,
}
