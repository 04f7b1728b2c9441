namespace SearchEngine;

/// <summary>How the best candidates are put into an order in which hits that are alike do not stand together.</summary>
/// <remarks>
/// Maximal marginal relevance (Carbonell and Goldstein 1998, whose λ is 1 − <see cref="Weight"/>): the best candidate comes first, then
/// again and again the one with the largest <c>(1 − w)·r − w·s</c>. r is its score before, from 0 (the least that the ranking can give) to
/// 1 (the best candidate); s says how like it is to the most alike hit before it, from 0 to 1, by the vectors of <see cref="VectorField"/>:
/// <c>(1 + cosine) / 2</c> under the cosine and dot product metrics, and under the others <c>1 − d / 2R</c>, R being the distance of the
/// candidate that is farthest from the best one. A record without a vector is neither like nor unlike any other: its s is ½. Scores stay as
/// they were. Candidates behind the first <see cref="Candidates"/> keep their order behind them, so that pages are slices of one order.
/// </remarks>
public sealed record DiversityOptions
{
    /// <summary>More take time with their square, and what stands behind them is seldom looked at.</summary>
    public const int DefaultCandidates = 50;

    /// <summary>The most candidates: half a million pairs.</summary>
    public const int MaxCandidates = 1_000;

    /// <summary>Relevance and difference count alike.</summary>
    public const double DefaultWeight = 0.5;

    /// <summary>The share of difference, from 0 (relevance alone) to 1 (after the best hit, difference alone).</summary>
    public double Weight { get; init; } = DefaultWeight;

    /// <summary>How many of the best candidates are put into the new order, 1 to <see cref="MaxCandidates"/>.</summary>
    public int Candidates { get; init; } = DefaultCandidates;

    /// <summary>
    /// The vector field that says what is alike; null for the one that is searched (of several the first), or in keyword searches for the
    /// only one of the collection.
    /// </summary>
    public string? VectorField { get; init; }
}
