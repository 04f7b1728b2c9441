namespace SearchEngine.Vectors;

/// <summary>One result of a search.</summary>
/// <param name="Ordinal">The ordinal under which the vector was added.</param>
/// <param name="Distance">Its distance from the query in the index's metric; smaller is nearer.</param>
public readonly record struct VectorHit(int Ordinal, float Distance);
