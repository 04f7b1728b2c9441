namespace SearchEngine;

/// <summary>Why a hit stands where it does in a search with <see cref="SearchRequest.Diversity"/>.</summary>
/// <param name="Rank">Its place before, from 1.</param>
/// <param name="Relevance">r: its score before, from 0 (the least that the ranking can give) to 1 (the best).</param>
/// <param name="Similarity">s: how like it is to the most alike hit before it, 0 to 1; 0 for the first.</param>
/// <param name="Value">What it was chosen by: <c>(1 − w)·r − w·s</c>, the largest of what was left.</param>
public sealed record DiversityExplanation(int Rank, double Relevance, double Similarity, double Value);
