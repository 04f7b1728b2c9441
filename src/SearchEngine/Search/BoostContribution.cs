namespace SearchEngine;

/// <summary>What a field added to a hit's score.</summary>
/// <param name="Field">The field.</param>
/// <param name="Value">f: what the function made of the field's value.</param>
/// <param name="Contribution">w·f: its part of the score.</param>
public sealed record BoostContribution(string Field, double Value, double Contribution);
