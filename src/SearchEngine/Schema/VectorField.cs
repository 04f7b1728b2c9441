using SearchEngine.Vectors;

namespace SearchEngine;

/// <summary>A vector field of a collection.</summary>
/// <param name="Name">Unique among the collection's fields; must not start with '$'.</param>
/// <param name="Dimension">Components of every vector of the field.</param>
public sealed record VectorField(string Name, int Dimension)
{
    /// <summary>How two vectors are compared.</summary>
    public DistanceMetric Metric { get; init; } = DistanceMetric.Cosine;

    /// <summary>The index over the field.</summary>
    public VectorIndexKind Index { get; init; } = VectorIndexKind.Hnsw;

    /// <summary>The codes kept in memory; full-precision vectors stay in the store and re-rank the candidates.</summary>
    public VectorQuantization Quantization { get; init; } = VectorQuantization.Int8;

    /// <summary>Links per node of the graph's upper layers (the base layer has twice as many); 0 takes the index's default.</summary>
    public int M { get; init; }

    /// <summary>Beam width while inserting; 0 takes the index's default.</summary>
    public int EfConstruction { get; init; }

    /// <summary>Beam width of a search that names none; 0 takes the index's default.</summary>
    public int EfSearch { get; init; }

    /// <summary>
    /// A text field that is embedded at write time where a document brings no vector; null: the document must bring one or goes without.
    /// </summary>
    public string? SourceField { get; init; }
}
