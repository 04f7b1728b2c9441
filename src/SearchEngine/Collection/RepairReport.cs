namespace SearchEngine;

/// <summary>What a repair did.</summary>
/// <param name="Collection">The collection's name.</param>
/// <param name="Records">Records found.</param>
/// <param name="Vectors">Vectors indexed again.</param>
/// <param name="Changes">What differed in the store itself and was put right, one line each; derived indexes are always made anew.</param>
public sealed record RepairReport(string Collection, long Records, long Vectors, IReadOnlyList<string> Changes);
