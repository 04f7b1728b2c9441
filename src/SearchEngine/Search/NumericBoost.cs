namespace SearchEngine;

/// <summary>Adds to records by a number that they have: stars, views, a rating. Numbers below 0 count as 0.</summary>
/// <param name="Field">A field of numbers.</param>
/// <param name="Weight">What f = 1 adds.</param>
/// <param name="Pivot">The number that the function measures by; more than 0.</param>
public sealed record NumericBoost(string Field, double Weight, double Pivot) : ScoreBoost(Field, Weight)
{
    /// <summary>What becomes of the number.</summary>
    public NumericFunction Function { get; init; } = NumericFunction.Saturation;
}
