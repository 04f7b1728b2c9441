namespace SearchEngine;

/// <summary>What became of a record in a search.</summary>
public enum VerdictKind
{
    /// <summary>There is no record of that key.</summary>
    Missing,

    /// <summary>It does not pass the filter; <see cref="SearchVerdict.FailedConditions"/> has the conditions that do not hold.</summary>
    Filtered,

    /// <summary>No ranker has anything to go by: no word of the query is in it, it has no vector, or both.</summary>
    Unmatched,

    /// <summary>It is farther than <see cref="SearchRequest.MaximumDistance"/>, and no word brought it.</summary>
    TooFar,

    /// <summary>
    /// The graph search did not meet it, though it is near enough: a wider beam (<see cref="SearchRequest.Ef"/>) finds more.
    /// </summary>
    Overlooked,

    /// <summary>It stands behind all that was looked at.</summary>
    OutOfReach,

    /// <summary>Its score is less than <see cref="SearchRequest.MinimumScore"/>.</summary>
    BelowMinimumScore,

    /// <summary>Its group has its <see cref="SearchRequest.GroupSize"/> hits, which stand before it.</summary>
    GroupFull,

    /// <summary>It stands before the page (<see cref="SearchRequest.Skip"/>).</summary>
    PassedOver,

    /// <summary>It stands behind the page.</summary>
    Behind,

    /// <summary>It is a hit of the page.</summary>
    Hit,
}
