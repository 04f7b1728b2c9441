namespace SearchEngine;

/// <summary>What became of one record in a search, and why: <see cref="SearchRequest.ExplainKey"/>.</summary>
/// <param name="Kind">What became of it.</param>
/// <param name="Reason">The same as a sentence for people, with the numbers.</param>
public sealed record SearchVerdict(VerdictKind Kind, string Reason)
{
    /// <summary>
    /// Its place in the order of all hits, from 1 (of its group, where hits are grouped); where its score is less than the minimum, the
    /// place it would have without one. Null where it is not in the order.
    /// </summary>
    public int? Place { get; init; }

    /// <summary>Its score; null where it is not in the order.</summary>
    public double? Score { get; init; }

    /// <summary>The score of the page's last hit; null where the page is empty.</summary>
    public double? LastScore { get; init; }

    /// <summary>Its vector distance, near or far; null where it has none.</summary>
    public float? Distance { get; init; }

    /// <summary>Its keyword score; null where no word matches, or none was looked for.</summary>
    public double? KeywordScore { get; init; }

    /// <summary>
    /// How it came by its score: each ranker's rank and contribution, which add up to it; null where it is not in the order.
    /// </summary>
    public SearchExplanation? Explanation { get; init; }

    /// <summary>The conditions of the filter that do not hold for it, as JSON in the filters' own form.</summary>
    public IReadOnlyList<string> FailedConditions { get; init; } = [];
}
