namespace SearchEngine;

/// <summary>How the vector and the keyword ranking become one.</summary>
public enum FusionMethod
{
    /// <summary>
    /// Weighted reciprocal ranks, score = Σ weight / (k + rank), ranks from 1 (Cormack, Clarke and Büttcher 2009). Needs no
    /// comparable scores; right where both rankings are about equally good.
    /// </summary>
    ReciprocalRank,

    /// <summary>
    /// Weighted relative scores: each score on a scale from the least that its ranker can give to the best among the candidates, score =
    /// Σ weight × relative score (the convex combination with theoretical minima of Bruch, Gai and Ingber 2023). The least is 0 for BM25
    /// and −1 for the cosine; the other metrics have none, and the worst candidate takes its place. Every candidate of either ranker is
    /// scored by both, so that no record falls for being just behind the depth of one. Keeps how far ahead a hit was.
    /// </summary>
    RelativeScore,
}
