namespace SearchEngine;

/// <summary>One of several vectors' part of a hit's score.</summary>
/// <param name="Field">The vector field.</param>
/// <param name="Rank">The hit's place in the ranking of this vector alone, from 1; 0 where only another brought it.</param>
/// <param name="Score">The score by this vector alone (larger is better).</param>
/// <param name="Contribution">What it adds to the score.</param>
public sealed record VectorContribution(string Field, int Rank, double Score, double Contribution);
