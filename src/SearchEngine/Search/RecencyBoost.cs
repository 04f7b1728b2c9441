namespace SearchEngine;

/// <summary>
/// Adds to records by how near in time they are, as the decay functions of Elasticsearch do: f is 1 where the field's time is
/// <see cref="Origin"/> or no farther from it than <see cref="Offset"/>, and ½ at the half-life beyond.
/// </summary>
/// <param name="Field">A field of dates or times: DateTime (taken as UTC), DateTimeOffset or DateOnly (its midnight in UTC).</param>
/// <param name="Weight">What f = 1 adds.</param>
/// <param name="HalfLife">The time after which half is left; more than none.</param>
public sealed record RecencyBoost(string Field, double Weight, TimeSpan HalfLife) : ScoreBoost(Field, Weight)
{
    /// <summary>How f falls.</summary>
    public DecayFunction Decay { get; init; } = DecayFunction.Exponential;

    /// <summary>
    /// The time that counts most; null for now. Pages belong together where it is the same for all of them: now is another moment for each.
    /// </summary>
    public DateTimeOffset? Origin { get; init; }

    /// <summary>How far from the origin f stays 1; not negative.</summary>
    public TimeSpan Offset { get; init; }
}
