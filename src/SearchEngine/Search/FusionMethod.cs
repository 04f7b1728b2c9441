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
    /// Weighted relative scores: keyword scores divided by the best one, vector scores stretched from the worst to the best candidate,
    /// score = Σ weight × relative score (the convex combination of Bruch, Gai and Ingber 2023). Keeps how far ahead a hit was, so that
    /// a weaker ranking adds what it is sure of without pulling down the other.
    /// </summary>
    RelativeScore,
}
