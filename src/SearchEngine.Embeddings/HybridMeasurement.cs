namespace SearchEngine.Embeddings;

/// <summary>nDCG@10 of a retrieval set's queries, as fractions.</summary>
/// <param name="Set">The set and its queries, such as "scifact train".</param>
/// <param name="Keyword">By keywords alone.</param>
/// <param name="Vector">By vectors alone.</param>
/// <param name="Hybrid">By both, at the weight of the record.</param>
public sealed record HybridMeasurement(string Set, double Keyword, double Vector, double Hybrid);
